#include "trust/global_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

namespace myna::trust {
namespace {

bool is_global_text(const char* text) {
  Ipv4Address ipv4{};
  if (inet_pton(AF_INET, text, ipv4.data()) == 1) return is_global(ipv4);
  Ipv6Address ipv6{};
  EXPECT_EQ(inet_pton(AF_INET6, text, ipv6.data()), 1) << text;
  return is_global(ipv6);
}

TEST(GlobalAddress, RefusesWhatIsNotThePublicInternet) {
  for (const char* text : {"0.0.0.0",
                           "10.1.2.3",
                           "100.64.0.1",
                           "100.100.100.200",
                           "127.0.0.1",
                           "127.255.255.254",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.2.1",
                           "192.168.1.1",
                           "198.18.0.1",
                           "198.19.255.255",
                           "203.0.113.9",
                           "224.0.0.1",
                           "239.255.255.250",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::127.0.0.1",
                           "::ffff:127.0.0.1",
                           "::ffff:10.0.0.1",
                           "64:ff9b::7f00:1",
                           "64:ff9b:1::1",
                           "fc00::1",
                           "fd00:ec2::254",
                           "fe80::1",
                           "ff02::1",
                           "2001:db8::1",
                           "2001:0:4136:e378::1",
                           "2002:7f00:1::1",
                           "2002:c0a8:101::1",
                           "100::1",
                           "3fff::1"}) {
    EXPECT_FALSE(is_global_text(text)) << text;
  }
}

TEST(GlobalAddress, AcceptsThePublicInternet) {
  for (const char* text :
       {"1.1.1.1", "8.8.8.8", "93.184.216.34", "100.63.255.255", "100.128.0.1", "172.15.0.1",
        "172.32.0.1", "192.167.0.1", "198.17.255.255", "198.20.0.1", "223.255.255.254",
        "2606:4700:4700::1111", "2a00:1450:4001::1", "::ffff:8.8.8.8", "64:ff9b::808:808",
        "2002:808:808::1", "2001:4860:4860::8888"}) {
    EXPECT_TRUE(is_global_text(text)) << text;
  }
}

}  // namespace
}  // namespace myna::trust
