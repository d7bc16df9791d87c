// SPDX-License-Identifier: Apache-2.0
//
// Batches in memory, and their merge with runs into the sorted stream of one table file.
#include "store/view_batch.hpp"

#include "base/check.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace carnet::store {

ViewBatch::ViewBatch() : impl_(std::make_unique<Impl>()) {}

ViewBatch::~ViewBatch() = default;
ViewBatch::ViewBatch(ViewBatch&&) noexcept = default;
ViewBatch& ViewBatch::operator=(ViewBatch&&) noexcept = default;

namespace {

void add_op(ViewBatch::Impl& impl, ViewFamily family, ViewOpKind kind, std::string_view key, std::string_view value) {
  CARNET_REQUIRE(!key.empty(), "a view's key begins with its view byte");
  impl.of(family).ops.push_back({kind, impl.arena.store(key), impl.arena.store(value)});
  impl.bytes += key.size() + value.size() + sizeof(ViewOp);
}

std::string_view join(std::string_view a, std::string_view b, Arena& arena) {
  if (a.empty() || b.empty()) {
    return a.empty() ? b : a;
  }
  char* const at = arena.allocate(a.size() + b.size());
  std::memcpy(at, a.data(), a.size());
  std::memcpy(at + a.size(), b.data(), b.size());
  return {at, a.size() + b.size()};
}

/// What the ops given so far make of one key.
class KeyOutcome {
 public:
  void apply(const ViewOp& op, Arena& arena) {
    switch (op.kind) {
      case ViewOpKind::kPut:
        found_ = true;
        kind_ = ViewOpKind::kPut;
        value_ = op.value;
        return;
      case ViewOpKind::kErase:
        found_ = true;
        kind_ = ViewOpKind::kErase;
        value_ = {};
        return;
      case ViewOpKind::kConcatenate:
        // After an erasure there is nothing left to append to: the value stands alone.
        kind_ = found_ && kind_ != ViewOpKind::kConcatenate ? ViewOpKind::kPut : ViewOpKind::kConcatenate;
        value_ = join(value_, op.value, arena);
        found_ = true;
        return;
    }
  }

  /// The range goes into the table as a range: only later ops of the key are left to say.
  void apply_range() {
    found_ = false;
    value_ = {};
  }

  [[nodiscard]] bool found() const { return found_; }

  [[nodiscard]] ViewOp op(std::string_view key) const { return {kind_, key, value_}; }

 private:
  bool found_ = false;
  ViewOpKind kind_ = ViewOpKind::kPut;
  std::string_view value_;
};

}  // namespace

void ViewBatch::put(ViewFamily family, std::string_view key, std::string_view value) {
  add_op(*impl_, family, ViewOpKind::kPut, key, value);
}

void ViewBatch::concatenate(ViewFamily family, std::string_view key, std::string_view value) {
  add_op(*impl_, family, ViewOpKind::kConcatenate, key, value);
}

void ViewBatch::erase(ViewFamily family, std::string_view key) {
  add_op(*impl_, family, ViewOpKind::kErase, key, {});
}

void ViewBatch::erase_range(ViewFamily family, std::string_view begin, std::string_view end) {
  CARNET_REQUIRE(begin < end, "a range begins before it ends");
  Impl::Family& ops = impl_->of(family);
  ops.ranges.push_back({impl_->arena.store(begin), impl_->arena.store(end), ops.ops.size()});
  impl_->bytes += begin.size() + end.size() + sizeof(ViewRange);
}

std::size_t ViewBatch::bytes() const noexcept {
  return impl_->bytes;
}

std::vector<ViewOp> resolve_ops(ViewBatch::Impl::Family& family, Arena& arena) {
  const std::vector<ViewOp>& ops = family.ops;
  std::vector<std::uint32_t> order(ops.size());
  for (std::uint32_t at = 0; at < order.size(); ++at) {
    order[at] = at;
  }
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    const int compared = ops[a].key.compare(ops[b].key);
    return compared != 0 ? compared < 0 : a < b;
  });

  std::vector<ViewOp> resolved;
  resolved.reserve(ops.size());
  for (std::size_t at = 0; at < order.size();) {
    const std::string_view key = ops[order[at]].key;
    KeyOutcome outcome;
    auto range = family.ranges.begin();
    const auto apply_ranges = [&](std::size_t ops_before) {
      for (; range != family.ranges.end() && range->ops_before <= ops_before; ++range) {
        if (range->begin <= key && key < range->end) {
          outcome.apply_range();
        }
      }
    };
    for (; at < order.size() && ops[order[at]].key == key; ++at) {
      apply_ranges(order[at]);
      outcome.apply(ops[order[at]], arena);
    }
    apply_ranges(ops.size());
    if (outcome.found()) {
      resolved.push_back(outcome.op(key));
    }
  }
  family.ops.clear();
  return resolved;
}

struct ViewStream::Input {
  std::vector<ViewOp> ops;
  ViewRun* run = nullptr;
  std::size_t at = 0;
  bool valid = false;
  ViewOp op;
  std::string last_key;

  void advance() {
    if (run == nullptr) {
      valid = at < ops.size();
      if (valid) {
        op = ops[at++];
      }
      return;
    }
    // The key before dies with the next call of a source.
    last_key.assign(op.key);
    const bool first = !valid;
    op.kind = run->concatenates ? ViewOpKind::kConcatenate : ViewOpKind::kPut;
    if (run->source != nullptr) {
      valid = run->source->next(op.key, op.value);
    } else {
      valid = at < run->entries.size();
      if (valid) {
        op.key = run->entries[at].first;
        op.value = run->entries[at].second;
        ++at;
      }
    }
    CARNET_REQUIRE(!valid || first || op.key > last_key, "keys of a run rise strictly");
  }
};

ViewStream::ViewStream(std::vector<ViewOp> ops, std::vector<ViewRun*> runs) {
  const auto add = [this](std::unique_ptr<Input> input) {
    input->advance();
    if (input->valid) {
      inputs_.push_back(std::move(input));
    }
  };
  auto batch = std::make_unique<Input>();
  batch->ops = std::move(ops);
  add(std::move(batch));
  for (ViewRun* const run : runs) {
    auto input = std::make_unique<Input>();
    input->run = run;
    add(std::move(input));
  }
}

ViewStream::~ViewStream() = default;

const ViewOp* ViewStream::next() {
  if (last_ != nullptr) {
    last_->advance();
    if (!last_->valid) {
      std::erase_if(inputs_, [this](const std::unique_ptr<Input>& input) { return input.get() == last_; });
    }
    last_ = nullptr;
  }
  for (const std::unique_ptr<Input>& input : inputs_) {
    if (last_ == nullptr) {
      last_ = input.get();
      continue;
    }
    const int compared = input->op.key.compare(last_->op.key);
    CARNET_REQUIRE(compared != 0, "a key stands once in a publishing");
    if (compared < 0) {
      last_ = input.get();
    }
  }
  return last_ == nullptr ? nullptr : &last_->op;
}

}  // namespace carnet::store
