// SPDX-License-Identifier: Apache-2.0
//
// CSV by RFC 4180 as a stream, plain or gzip: quoted fields with commas, quotes and line breaks; CRLF and LF; a byte
// order mark is skipped. A record knows the line on which it begins (the header is line 1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>
#include <zlib.h>

namespace example {

/// A record. Fields are views into its own text; copy the record whole or not at all.
class CsvRecord {
 public:
  [[nodiscard]] std::size_t size() const noexcept { return ends_.size(); }

  [[nodiscard]] std::string_view field(std::size_t index) const noexcept {
    const std::size_t from = index == 0 ? 0 : ends_[index - 1];
    return std::string_view(text_).substr(from, ends_[index] - from);
  }

  [[nodiscard]] std::uint64_t line() const noexcept { return line_; }

  /// What is wrong with it (`a quote is not closed`); empty: nothing.
  [[nodiscard]] std::string_view fault() const noexcept { return fault_; }

 private:
  friend class CsvReader;

  std::string text_;
  std::vector<std::size_t> ends_;
  std::uint64_t line_ = 0;
  std::string_view fault_;
};

class CsvReader {
 public:
  CsvReader() = default;
  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;

  ~CsvReader() {
    if (file_ != nullptr) {
      gzclose(file_);
    }
  }

  /// False: the file cannot be opened.
  [[nodiscard]] bool open(const std::string& path) {
    file_ = gzopen(path.c_str(), "rb");
    if (file_ == nullptr) {
      return false;
    }
    buffer_.resize(kBufferBytes);
    gzbuffer(file_, static_cast<unsigned>(kBufferBytes));
    if (peek() == 0xef) {  // UTF-8 byte order mark.
      take();
      take();
      take();
    }
    return true;
  }

  /// The next record, or false at the end. A broken read ends the file too: see failed().
  [[nodiscard]] bool next(CsvRecord& record) {
    record.text_.clear();
    record.ends_.clear();
    record.fault_ = {};
    while (peek() == '\r' || peek() == '\n') {  // Empty lines are no records.
      take_line_end();
    }
    if (peek() < 0) {
      return false;
    }
    record.line_ = line_;
    while (true) {
      read_field(record);
      record.ends_.push_back(record.text_.size());
      const int c = peek();
      if (c == ',') {
        take();
        continue;
      }
      if (c >= 0) {
        take_line_end();
      }
      return true;
    }
  }

  /// The file is damaged or cut (gzip), or the device failed.
  [[nodiscard]] bool failed() const noexcept { return failed_; }

  /// Bytes of the file read so far, compressed, for progress.
  [[nodiscard]] std::uint64_t bytes_read() const noexcept {
    return file_ == nullptr ? 0 : static_cast<std::uint64_t>(gzoffset(file_));
  }

 private:
  static constexpr std::size_t kBufferBytes = std::size_t{256} * 1024;

  int peek() {
    if (at_ == end_) {
      const int got = gzread(file_, buffer_.data(), static_cast<unsigned>(buffer_.size()));
      int code = Z_OK;
      if (got <= 0) {
        gzerror(file_, &code);
        failed_ = failed_ || got < 0 || (code != Z_OK && code != Z_STREAM_END);
        return -1;
      }
      at_ = 0;
      end_ = static_cast<std::size_t>(got);
    }
    return static_cast<unsigned char>(buffer_[at_]);
  }

  void take() {
    if (peek() >= 0) {
      ++at_;
    }
  }

  void take_line_end() {
    const int c = peek();
    take();
    if (c == '\r' && peek() == '\n') {
      take();
    }
    ++line_;
  }

  void read_field(CsvRecord& record) {
    if (peek() != '"') {
      for (int c = peek(); c >= 0 && c != ',' && c != '\r' && c != '\n'; c = peek()) {
        if (c == '"') {
          record.fault_ = "a quote stands inside a field that is not quoted";
        }
        record.text_.push_back(static_cast<char>(c));
        take();
      }
      return;
    }
    take();
    while (true) {
      const int c = peek();
      if (c < 0) {
        record.fault_ = "a quote is not closed";
        return;
      }
      take();
      if (c == '"') {
        if (peek() != '"') {
          break;
        }
        take();
      } else if (c == '\n') {
        ++line_;
      }
      record.text_.push_back(static_cast<char>(c));
    }
    for (int c = peek(); c >= 0 && c != ',' && c != '\r' && c != '\n'; c = peek()) {
      record.fault_ = "text stands behind a closing quote";
      take();
    }
  }

  gzFile file_ = nullptr;
  std::string buffer_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
  std::uint64_t line_ = 1;
  bool failed_ = false;
};

/// Places of the columns that an importer wants, by name.
class CsvColumns {
 public:
  explicit CsvColumns(const CsvRecord& header) {
    for (std::size_t i = 0; i < header.size(); ++i) {
      names_.emplace_back(header.field(i));
    }
  }

  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (names_[i] == name) {
        return i;
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }

 private:
  std::vector<std::string> names_;
};

}  // namespace example
