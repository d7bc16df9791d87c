// SPDX-License-Identifier: Apache-2.0
#include "output.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <sys/ioctl.h>
#include <unistd.h>

namespace carnet::tool {

namespace {

constexpr std::size_t kBufferBytes = std::size_t{64} * 1024;
constexpr std::size_t kFallbackWidth = 80;

std::size_t width_from_environment() {
  const char* columns = std::getenv("COLUMNS");  // NOLINT(concurrency-mt-unsafe): before any thread starts
  if (columns == nullptr) {
    return 0;
  }
  std::size_t width = 0;
  const char* end = columns + std::strlen(columns);
  const auto parsed = std::from_chars(columns, end, width);
  return parsed.ec == std::errc() && parsed.ptr == end ? width : 0;
}

}  // namespace

Output::Output() : is_terminal_(::isatty(STDOUT_FILENO) == 1) {
  buffer_.reserve(kBufferBytes + kBufferBytes / 4);
  winsize size{};
  if (is_terminal_ && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    width_ = size.ws_col;
  } else {
    width_ = width_from_environment();
    if (is_terminal_ && width_ == 0) {
      width_ = kFallbackWidth;
    }
  }
}

void Output::write(std::string_view text) {
  buffer_ += text;
  if (buffer_.size() >= kBufferBytes) {
    drain();
  }
}

void Output::line(std::string_view text) {
  buffer_ += text;
  write("\n");
}

void Output::json_line(std::string_view json) {
  if (!is_terminal_) {
    line(json);
    return;
  }
  while (!json.empty()) {
    const std::string_view before = json;
    const std::optional<char32_t> c = base::take_code_point(json);
    if (!c) {
      json.remove_prefix(1);
    }
    const std::string_view bytes = before.substr(0, before.size() - json.size());
    if (!c) {
      write("?");
    } else if (*c < 0x10000 && base::printable(bytes) != bytes) {
      write(fmt::format("\\u{:04x}", static_cast<unsigned>(*c)));
    } else {
      write(bytes);
    }
  }
  write("\n");
}

bool Output::is_broken_pipe() const noexcept {
  return error_ == EPIPE;
}

void Output::drain() {
  std::string_view rest = buffer_;
  while (error_ == 0 && !rest.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      error_ = errno;
    }
  }
  buffer_.clear();
}

Status Output::flush() {
  drain();
  if (error_ == 0) {
    return {};
  }
  return Error(error_ == ENOSPC ? ErrorCode::kOutOfSpace : ErrorCode::kStorage, "OutputFailed",
               "the standard output cannot be written: free space or give another one",
               {{"errno", fmt::to_string(error_)}});
}

std::streamsize OutputStreamBuffer::xsputn(const char* text, std::streamsize size) {
  output_.write({text, static_cast<std::size_t>(size)});
  return output_.is_good() ? size : 0;
}

OutputStreamBuffer::int_type OutputStreamBuffer::overflow(int_type c) {
  if (traits_type::eq_int_type(c, traits_type::eof())) {
    return traits_type::not_eof(c);
  }
  const char byte = traits_type::to_char_type(c);
  output_.write({&byte, 1});
  return output_.is_good() ? c : traits_type::eof();
}

}  // namespace carnet::tool
