// SPDX-License-Identifier: Apache-2.0
#include "console.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <sys/ioctl.h>
#include <unistd.h>

namespace carnet::tool {

namespace {

using std::chrono::duration;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kFirstAfter{700};
constexpr milliseconds kEvery{200};
constexpr std::size_t kBarWidth = 24;
constexpr std::size_t kFallbackWidth = 80;
constexpr std::uint64_t kSecondsPerMinute = 60;

/// stderr is where failures are told: when it fails itself, nobody is left to tell.
void put(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
    if (written <= 0) {
      return;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string clock_text(duration<double> time) {
  const auto whole = static_cast<std::uint64_t>(std::max(0.0, time.count()));
  return fmt::format("{}:{:02}", whole / kSecondsPerMinute, whole % kSecondsPerMinute);
}

}  // namespace

Console::Console() : is_terminal_(::isatty(STDERR_FILENO) == 1), width_(kFallbackWidth) {
  winsize size{};
  if (is_terminal_ && ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    width_ = size.ws_col;
  }
}

void Console::say(std::string_view text) {
  const std::lock_guard lock(mutex_);
  put(fmt::format("{}carnet: {}\n", has_status_ ? "\r\x1b[K" : "", base::printable(text)));
  has_status_ = false;
}

void Console::show_status(std::string_view text) {
  if (!is_terminal_) {
    return;
  }
  const std::lock_guard lock(mutex_);
  const std::size_t width = std::min(base::display_width(text), width_ - 1);
  put(fmt::format("\r{}\x1b[K", base::fit(text, width)));
  has_status_ = true;
}

void Console::clear_status() {
  const std::lock_guard lock(mutex_);
  if (has_status_) {
    put("\r\x1b[K");
    has_status_ = false;
  }
}

void ConsoleLogSink::log(LogLevel level, std::string_view line) {
  // RocksDB warns of what it then does by itself; what it cannot do comes back as an error of the call.
  if (level < LogLevel::kError && line.starts_with("rocksdb:")) {
    return;
  }
  if (level >= LogLevel::kWarning || (level == LogLevel::kInfo && console_.is_terminal())) {
    console_.say(fmt::format("{}: {}", to_string(level), line));
  }
}

Progress::Progress(Console& console, std::string label, std::string unit)
    : console_(console),
      label_(std::move(label)),
      unit_(std::move(unit)),
      begin_(SteadyClock::now()),
      shown_(begin_ + kFirstAfter - kEvery) {}

Progress::~Progress() {
  console_.clear_status();
}

void Progress::update(std::uint64_t done, std::uint64_t total, std::uint64_t count) {
  const auto now = SteadyClock::now();
  if (!console_.is_terminal() || now - shown_ < kEvery) {
    return;
  }
  shown_ = now;
  const duration<double> elapsed = now - begin_;
  const auto rate = static_cast<std::int64_t>(static_cast<double>(count) / std::max(elapsed.count(), 1e-3));
  std::string line = label_ + "  ";
  if (total > 0) {
    const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
    const auto filled = static_cast<std::size_t>(share * static_cast<double>(kBarWidth));
    line += fmt::format("[{:-<{}}] {:3.0f} %  ", std::string(filled, '#'), kBarWidth, share * 100.0);
  }
  line += fmt::format("{} {}  {}/s  ", base::group_thousands(static_cast<std::int64_t>(count)), unit_,
                      base::group_thousands(rate));
  line += clock_text(elapsed);
  if (total > 0 && done > 0) {
    const double left = static_cast<double>(total - std::min(done, total)) / static_cast<double>(done);
    line += fmt::format(", {} left", clock_text(elapsed * left));
  }
  console_.show_status(line);
}

Waiting::Waiting(Console& console, std::string label) : console_(console), label_(std::move(label)) {
  if (console_.is_terminal()) {
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
}

Waiting::~Waiting() {
  if (thread_.joinable()) {
    thread_.request_stop();
    thread_.join();
    console_.clear_status();
  }
}

void Waiting::run(const std::stop_token& stop) {
  const auto begin = std::chrono::steady_clock::now();
  milliseconds pause = kFirstAfter;
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, stop, pause, [&] { return stop.stop_requested(); }) && !stop.stop_requested()) {
    console_.show_status(fmt::format("{}  {}", label_, clock_text(std::chrono::steady_clock::now() - begin)));
    pause = kEvery;
  }
}

}  // namespace carnet::tool
