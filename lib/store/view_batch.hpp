// SPDX-License-Identifier: Apache-2.0
//
// What a ViewBatch holds, and the sorted stream that one family of a publishing becomes. Private to the views of
// lib/store.
#pragma once

#include "store/arena.hpp"
#include "store/views_db.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace carnet::store {

inline constexpr std::size_t kViewFamilyCount = 4;

enum class ViewOpKind : std::uint8_t { kPut, kConcatenate, kErase };

struct ViewOp {
  ViewOpKind kind = ViewOpKind::kPut;
  std::string_view key;
  std::string_view value;
};

struct ViewRange {
  std::string_view begin;
  std::string_view end;
  std::size_t ops_before = 0;  ///< How many ops of the family came before it.
};

struct ViewBatch::Impl {
  struct Family {
    std::vector<ViewOp> ops;
    std::vector<ViewRange> ranges;
  };

  [[nodiscard]] Family& of(ViewFamily family) { return families.at(static_cast<std::size_t>(family)); }

  std::array<Family, kViewFamilyCount> families;
  Arena arena;
  std::size_t bytes = 0;
};

/// The ops of a batch in key order, at most one a key: what the ops of that key come to, on top of the family's ranges.
/// Values that had to be joined are stored in `arena`. Leaves `family.ops` empty.
[[nodiscard]] std::vector<ViewOp> resolve_ops(ViewBatch::Impl::Family& family, Arena& arena);

/// Merges sorted ops and runs of one family into one rising stream.
class ViewStream {
 public:
  ViewStream(std::vector<ViewOp> ops, std::vector<ViewRun*> runs);
  ~ViewStream();
  ViewStream(const ViewStream&) = delete;
  ViewStream& operator=(const ViewStream&) = delete;

  /// Null at the end. Valid until the next call.
  [[nodiscard]] const ViewOp* next();

 private:
  struct Input;

  std::vector<std::unique_ptr<Input>> inputs_;
  Input* last_ = nullptr;
};

}  // namespace carnet::store
