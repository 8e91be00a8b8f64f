#include "experiences/intake/feed.h"

#include <gtest/gtest.h>

#include <chrono>

#include "experiences/intake/feed_dates.h"
#include "experiences/intake/html_text.h"

namespace myna::intake {
namespace {

TEST(Feed, ReadsRss) {
  const Feed feed = parse_feed(
      "<?xml version='1.0'?><rss version='2.0' "
      "xmlns:content='http://purl.org/rss/1.0/modules/content/'>"
      "<channel><title>The &amp;amp; Post</title><link>https://post.example/</link>"
      "<item><title>One &lt;b&gt;bold&lt;/b&gt; step</title><link>/a</link><guid "
      "isPermaLink='false'>x1</guid>"
      "<pubDate>Sat, 07 Sep 2002 09:42:31 "
      "-0500</pubDate><description>&lt;p&gt;Short.&lt;/p&gt;</description>"
      "<content:encoded><![CDATA[<p>Long.</p><p>Longer.</p>]]></content:encoded>"
      "<category>Science</category><enclosure url='/a.mp3' type='audio/mpeg' length='123'/></item>"
      "</channel></rss>",
      "", "https://post.example/feed.xml");
  EXPECT_EQ(feed.format, FeedFormat::kRss);
  EXPECT_FALSE(feed.faulty);
  EXPECT_EQ(feed.title, "The & Post");
  ASSERT_EQ(feed.items.size(), 1u);
  const FeedItem& item = feed.items[0];
  EXPECT_EQ(item.title, "One bold step");
  EXPECT_EQ(item.link, "https://post.example/a");
  EXPECT_EQ(item.id, "x1");
  EXPECT_EQ(item.published_s, 1031409751);
  EXPECT_EQ(html_to_text(item.content), "Long.\n\nLonger.");
  EXPECT_EQ(item.categories, std::vector<std::string>{"Science"});
  ASSERT_EQ(item.enclosures.size(), 1u);
  EXPECT_EQ(item.enclosures[0].url, "https://post.example/a.mp3");
  EXPECT_EQ(item.enclosures[0].length, 123u);
}

TEST(Feed, ReadsAtomWithBasesAndSources) {
  const Feed feed = parse_feed(
      "<feed xmlns='http://www.w3.org/2005/Atom' "
      "xml:base='https://a.example/blog/'><title>A</title>"
      "<entry><title type='html'>T&amp;lt;1</title><link rel='alternate' href='one'/><id>urn:1</id>"
      "<source><title>Elsewhere</title></source><updated>2005-07-31T12:29:29.25Z</updated>"
      "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>Hello "
      "<i>you</i></p></div></content>"
      "</entry></feed>");
  ASSERT_EQ(feed.items.size(), 1u);
  EXPECT_EQ(feed.items[0].title, "T<1");
  EXPECT_EQ(feed.items[0].link, "https://a.example/blog/one");
  EXPECT_EQ(feed.items[0].content, "<p>Hello <i>you</i></p>");
  EXPECT_EQ(feed.items[0].updated_s, 1122812969);
}

TEST(Feed, ReadsJsonFeed) {
  const Feed feed = parse_feed(
      R"({"version":"https://jsonfeed.org/version/1.1","title":"J","items":[
          {"id":7,"url":"https://j.example/7","title":"Seven","content_text":"2 < 3",
           "date_published":"2026-01-02T03:04:05+01:00","authors":[{"name":"Ann"}]}, "junk"]})");
  EXPECT_EQ(feed.format, FeedFormat::kJson);
  ASSERT_EQ(feed.items.size(), 1u);
  EXPECT_EQ(feed.items[0].id, "7");
  EXPECT_EQ(html_to_text(feed.items[0].content), "2 < 3");
  EXPECT_EQ(feed.items[0].author, "Ann");
}

TEST(Feed, ReadsWhatIsBroken) {
  const Feed feed = parse_feed(
      "<rss><channel><title>R & D</title><item><title>First</title><link>http://x.example/1"
      "<item><title>Second <b>part</title><link>http://x.example/2</link></channel>");
  EXPECT_TRUE(feed.faulty);
  ASSERT_EQ(feed.items.size(), 2u);
  EXPECT_EQ(feed.title, "R & D");
  EXPECT_EQ(feed.items[0].title, "First");
  EXPECT_EQ(feed.items[1].title, "Second part");
}

TEST(Feed, ReadsEncodings) {
  const std::string latin =
      "<?xml version='1.0' encoding='iso-8859-1'?><rss><channel><title>Caf\xE9 "
      "\x93q\x94</title></channel></rss>";
  EXPECT_EQ(parse_feed(latin).title, "Café “q”");
  const std::string header = "<rss><channel><title>\xCF\xF0\xE8</title></channel></rss>";
  EXPECT_EQ(parse_feed(header, "text/xml; charset=windows-1251").title, "При");
  const std::string wide = "\xFF\xFE" + [] {
    std::string bytes;
    for (const char c : std::string("<rss><channel><title>Hi</title></channel></rss>"))
      bytes += {c, '\0'};
    return bytes;
  }();
  EXPECT_EQ(parse_feed(wide).title, "Hi");
}

TEST(Feed, ReadsBase64AsTextOrNotAtAll) {
  const auto title_of = [](const std::string& attributes, const std::string& coded) {
    const Feed feed = parse_feed(
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title><entry><id>u</id><title " +
            attributes + ">" + coded + "</title></entry></feed>",
        "", "https://feed.example/x");
    return feed.items.size() == 1 ? feed.items[0].title : "no item";
  };
  EXPECT_EQ(title_of("type='application/octet-stream'", "Q2Fmw6k="), "Caf\u00E9");
  EXPECT_EQ(title_of("mode='base64' type='text/plain'", "Q2Fmw6k="), "Caf\u00E9");
  // The same in ISO 8859-1, and the first bytes of a PNG.
  EXPECT_EQ(title_of("mode='base64' type='text/plain'", "Q2Fm6Q=="), "Caf\u00E9");
  EXPECT_EQ(title_of("type='image/png'", "iVBORw0KGgo="), "");
}

TEST(Feed, IsNotBlownUpByEntities) {
  std::string bomb = "<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY a 'aaaaaaaaaa'>";
  for (char c = 'b'; c < 'k'; ++c) {
    bomb += std::string("<!ENTITY ") + c + " '";
    for (int i = 0; i < 10; ++i) bomb += std::string("&") + static_cast<char>(c - 1) + ";";
    bomb += "'>";
  }
  bomb +=
      "<!ENTITY file SYSTEM "
      "'file:///etc/passwd'>]><rss><channel><title>&j;&file;</title><item><title>x</title></item></"
      "channel></rss>";
  const Feed feed = parse_feed(bomb);
  EXPECT_EQ(feed.title, "&j;&file;");
  EXPECT_EQ(feed.items.size(), 1u);
}

TEST(Feed, IsBoundedInTimeAndDepth) {
  const auto start = std::chrono::steady_clock::now();
  std::string many = "<rss><channel>";
  for (int i = 0; i < 30000; ++i) many += "<item><title>n" + std::to_string(i) + "</title></item>";
  const Feed feed = parse_feed(many + "</channel></rss>");
  EXPECT_EQ(feed.items.size(), kMaxFeedItems);
  EXPECT_TRUE(feed.truncated);
  std::string deep = "<rss><channel>";
  for (int i = 0; i < 200000; ++i) deep += "<a>";
  EXPECT_TRUE(parse_feed(deep).truncated);
  std::string json = "{\"version\":\"https://jsonfeed.org/version/1\",\"items\":";
  parse_feed(json + std::string(500000, '['));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST(Feed, SaysWhatIsNoFeed) {
  for (const char* text : {"", "hello", "<html><body><p>x</p></body></html>", "{\"a\":1}",
                           "<a><b/></a>", "\xFF\xFE\x00"}) {
    EXPECT_EQ(parse_feed(text).format, FeedFormat::kUnknown) << text;
  }
}

TEST(FeedDates, ReadsTheFormsThatFeedsHave) {
  const std::pair<const char*, int64_t> cases[] = {{"Thu, 01 Jan 2004 19:48:21 GMT", 1072986501},
                                                   {"01 Jan 2004 19:48 EST", 1073004480},
                                                   {"2003-12-31T10:14:55-08:00", 1072894495},
                                                   {"2003-12-31", 1072828800},
                                                   {"2003-12", 1070236800},
                                                   {"2003", 1041379200},
                                                   {"2003-365", 1072828800},
                                                   {"Thu Jan  1 19:48:21 2004", 1072986501},
                                                   {"2004-01-01 19:48:21", 1072986501},
                                                   {"1-Jan-04 19:48:21 +0000", 1072986501}};
  for (const auto& [text, seconds] : cases) EXPECT_EQ(parse_feed_date(text), seconds) << text;
  for (const char* text :
       {"", "yesterday", "99", "31 Foo 2004", "2004-13-01", "32 Jan 2004 10:00"}) {
    EXPECT_FALSE(parse_feed_date(text)) << text;
  }
}

TEST(Opml, ListsEachFeedOnce) {
  const auto entries = parse_opml(
      "<opml version='2.0'><body><outline text='News'><outline text='One' "
      "xmlUrl='https://one.example/f'/>"
      "<outline title='Two' text='x' xmlUrl='https://two.example/f'/></outline>"
      "<outline text='Again' xmlUrl='https://one.example/f'/></body></opml>");
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].folder, "News");
  EXPECT_EQ(entries[1].title, "Two");
  EXPECT_TRUE(parse_opml("<rss/>").empty());
}

}  // namespace
}  // namespace myna::intake
