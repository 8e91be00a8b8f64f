#include "train/core/report.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "base/error.h"
#include "base/file.h"

namespace myna::train {
namespace {

using Json = nlohmann::json;
using Curve = std::vector<std::pair<double, double>>;

std::string base64(std::string_view bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    for (size_t j = 0; j < 3; ++j) {
      group = group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    }
    for (size_t j = 0; j < 4; ++j) {
      text += i + j > bytes.size() ? '=' : kDigits[(group >> (18 - 6 * j)) & 63];
    }
  }
  return text;
}

std::string escaped(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '<')
      safe += "&lt;";
    else if (c == '&')
      safe += "&amp;";
    else
      safe += c;
  }
  return safe;
}

std::string svg(const std::string& name, const std::map<std::string, Curve>& curves) {
  constexpr double kWidth = 420, kHeight = 180;
  double last = 1, low = 1e300, high = -1e300;
  for (const auto& [event, curve] : curves) {
    for (const auto& [step, value] : curve) {
      last = std::max(last, step);
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
  if (high <= low) high = low + 1;
  std::ostringstream out;
  out << "<figure><svg viewBox='0 0 " << kWidth << ' ' << kHeight << "'>";
  for (const auto& [event, curve] : curves) {
    out << "<polyline class='" << event << "' points='";
    for (const auto& [step, value] : curve) {
      out << step / last * kWidth << ',' << (1 - (value - low) / (high - low)) * kHeight << ' ';
    }
    out << "'/>";
  }
  out << "</svg><figcaption>" << escaped(name) << ": " << low << " to " << high << ", " << last
      << " steps</figcaption></figure>\n";
  return out.str();
}

void fft(std::vector<std::complex<float>>& x) {
  const size_t n = x.size();
  for (size_t i = 1, j = 0; i < n; ++i) {
    size_t bit = n >> 1;
    for (; (j & bit) != 0; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) std::swap(x[i], x[j]);
  }
  for (size_t length = 2; length <= n; length *= 2) {
    const auto turn = std::polar(1.0f, -6.2831853f / static_cast<float>(length));
    for (size_t i = 0; i < n; i += length) {
      std::complex<float> w = 1;
      for (size_t k = 0; k < length / 2; ++k, w *= turn) {
        const auto even = x[i + k], odd = x[i + k + length / 2] * w;
        x[i + k] = even + odd;
        x[i + k + length / 2] = even - odd;
      }
    }
  }
}

// An 8-bit grey BMP of log magnitudes, 256 bins up to 12 kHz, from a WAV of ours.
std::string spectrogram(std::string_view wav) {
  constexpr size_t kFft = 512, kHop = 256, kRows = kFft / 2;
  const size_t count = (wav.size() - 44) / 2;
  if (count < kFft) return {};
  const size_t columns = (count - kFft) / kHop + 1, stride = (columns + 3) / 4 * 4;
  std::string bmp(14 + 40 + 1024 + stride * kRows, '\0');
  const auto put = [&](size_t at, uint32_t value) { std::memcpy(&bmp[at], &value, 4); };
  bmp.replace(0, 2, "BM");
  put(2, static_cast<uint32_t>(bmp.size()));
  put(10, 14 + 40 + 1024);
  put(14, 40);
  put(18, static_cast<uint32_t>(columns));
  put(22, kRows);
  put(26, 1 | 8 << 16);
  put(46, 256);
  for (uint32_t i = 0; i < 256; ++i) put(54 + 4 * i, (255 - i) * 0x010101u);
  std::vector<std::complex<float>> frame(kFft);
  for (size_t t = 0; t < columns; ++t) {
    for (size_t n = 0; n < kFft; ++n) {
      int16_t sample = 0;
      std::memcpy(&sample, wav.data() + 44 + 2 * (t * kHop + n), 2);
      const float window = 0.5f - 0.5f * std::cos(6.2831853f * static_cast<float>(n) / kFft);
      frame[n] = static_cast<float>(sample) / 32768 * window;
    }
    fft(frame);
    for (size_t k = 0; k < kRows; ++k) {
      const float level = 20 * std::log10(std::abs(frame[k]) + 1e-6f);  // about -80 to 30
      bmp[14 + 40 + 1024 + k * stride + t] =
          static_cast<char>(static_cast<uint8_t>(std::clamp((level + 60) * 3, 0.0f, 255.0f)));
    }
  }
  return bmp;
}

std::filesystem::path newest_samples(const std::filesystem::path& run) {
  std::filesystem::path newest;
  long largest = -1;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(run / "samples", error)) {
    const std::string name = entry.path().filename();
    const long step = name.rfind("step-", 0) == 0 ? std::atol(name.c_str() + 5) : -1;
    if (step > largest) {
      largest = step;
      newest = entry.path();
    }
  }
  return newest;
}

}  // namespace

void write_report(const std::filesystem::path& run, const std::filesystem::path& page) {
  std::map<std::string, std::map<std::string, Curve>> curves;
  std::string settings, summary;
  std::istringstream lines(read_file(run / "metrics.jsonl"));
  for (std::string line; std::getline(lines, line);) {
    const Json json = Json::parse(line, nullptr, false);
    if (!json.is_object()) continue;
    const std::string event = json.value("event", "");
    if (event == "start") settings = json.dump(1);
    if (event == "train") summary = json.dump();
    if (event != "train" && event != "validation") continue;
    for (const auto& [name, value] : json.items()) {
      if (name != "step" && value.is_number()) {
        curves[name][event].emplace_back(json.value("step", 0.0), value.get<double>());
      }
    }
  }
  std::ostringstream out;
  out << "<!doctype html><meta charset=utf-8><title>" << escaped(run.filename().string())
      << "</title><style>body{font:14px sans-serif;max-width:920px;margin:2em auto}"
         "figure{display:inline-block;width:420px;margin:8px}svg{background:#f4f4f4}"
         "polyline{fill:none;stroke-width:1.5}.train{stroke:#888}.validation{stroke:#c00}"
         "img{width:100%;height:160px}pre{overflow:auto}</style>\n<h1>"
      << escaped(run.filename().string()) << "</h1><p>Grey: training. Red: validation, with the "
      << "running means of the weights.</p>\n";
  for (const auto& [name, events] : curves) out << svg(name, events);
  const std::filesystem::path samples = newest_samples(run);
  if (!samples.empty()) {
    out << "<h2>Samples of " << escaped(samples.filename().string()) << "</h2>\n";
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(samples)) {
      if (entry.path().extension() == ".wav") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    for (const auto& path : files) {
      const std::string wav = read_file(path);
      if (wav.size() < 44) continue;
      out << "<figure><img src='data:image/bmp;base64," << base64(spectrogram(wav))
          << "'><audio controls src='data:audio/wav;base64," << base64(wav)
          << "'></audio><figcaption>" << escaped(path.filename().string())
          << "</figcaption></figure>\n";
    }
  }
  out << "<h2>Last line</h2><pre>" << escaped(summary) << "</pre><h2>Settings</h2><pre>"
      << escaped(settings) << "</pre>\n";
  write_file_atomically(page, out.str());
}

}  // namespace myna::train
