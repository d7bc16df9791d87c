// SPDX-License-Identifier: Apache-2.0
//
// Standard output: buffered, and never silent about a full disk or a closed pipe.
#pragma once

#include <carnet/result.hpp>

#include <cstddef>
#include <streambuf>
#include <string>
#include <string_view>

namespace carnet::tool {

/// One thread at a time.
class Output {
 public:
  Output();

  /// True when a person looks at it.
  [[nodiscard]] bool is_terminal() const noexcept { return is_terminal_; }

  /// Places of a line: the terminal's, or what COLUMNS says; 0: no limit.
  [[nodiscard]] std::size_t width() const noexcept { return width_; }

  /// Text that was made printable by its maker.
  void write(std::string_view text);
  void line(std::string_view text);
  /// A line of JSON. On a terminal, what could command it (C1 controls, marks that turn the direction) becomes \u
  /// escapes.
  void json_line(std::string_view json);

  /// False once writing failed: whoever makes more may stop.
  [[nodiscard]] bool is_good() const noexcept { return error_ == 0; }

  /// The reader is gone (`| head`): no error of ours.
  [[nodiscard]] bool is_broken_pipe() const noexcept;
  /// Errors: kStorage `OutputFailed`, kOutOfSpace `OutputFailed`.
  [[nodiscard]] Status flush();

 private:
  void drain();

  std::string buffer_;
  std::size_t width_ = 0;
  bool is_terminal_ = false;
  int error_ = 0;
};

/// An Output as a std::ostream sees it.
class OutputStreamBuffer final : public std::streambuf {
 public:
  explicit OutputStreamBuffer(Output& output) : output_(output) {}

 protected:
  std::streamsize xsputn(const char* text, std::streamsize size) override;
  int_type overflow(int_type c) override;

 private:
  Output& output_;
};

}  // namespace carnet::tool
