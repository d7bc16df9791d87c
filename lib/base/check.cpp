// SPDX-License-Identifier: Apache-2.0
//
// The end of a process whose own invariants do not hold. Nothing here allocates: the heap may be what is broken.
#include "base/check.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <unistd.h>

namespace carnet::base {

namespace {

std::atomic<CheckHandler>& handler_slot() noexcept {
  static std::atomic<CheckHandler> slot{nullptr};
  return slot;
}

/// The last two parts of a path (`store/wal.cpp`): the rest tells of the machine that built it.
const char* short_file(const char* file) noexcept {
  const char* last = std::strrchr(file, '/');
  if (last == nullptr) {
    return file;
  }
  for (const char* at = last; at != file; --at) {
    if (at[-1] == '/') {
      return at;
    }
  }
  return file;
}

void write_standard_error(const char* text) noexcept {
  std::size_t left = std::strlen(text);
  while (left > 0) {
    const ssize_t written = ::write(STDERR_FILENO, text, left);
    if (written <= 0) {
      return;
    }
    text += written;
    left -= static_cast<std::size_t>(written);
  }
}

}  // namespace

CheckHandler set_check_handler(CheckHandler handler) noexcept {
  return handler_slot().exchange(handler);
}

void check_failed(const char* kind, const char* expression, const char* file, int line, const char* note) noexcept {
  // A handler that fails a check itself must not come back here for ever.
  static thread_local bool failing = false;
  if (!failing) {
    failing = true;
    char text[1024];
    constexpr std::size_t kLengthMax = sizeof(text) - 2;  // the end of the line and of the string
    const int printed = std::snprintf(text, kLengthMax + 1, "carnet: %s does not hold: %s at %s:%d: %s", kind,
                                      expression, short_file(file), line, note);
    if (const CheckHandler handler = handler_slot().load()) {
      handler(text);
    } else if (printed > 0) {
      const std::size_t length = std::min(static_cast<std::size_t>(printed), kLengthMax);
      text[length] = '\n';
      text[length + 1] = '\0';
      write_standard_error(text);
    }
  }
  std::abort();
}

}  // namespace carnet::base
