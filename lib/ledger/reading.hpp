// SPDX-License-Identifier: Apache-2.0
//
// Reading: views, cursors and subscriptions over a pinned position.
#pragma once

#include "codec/frame.hpp"
#include "codec/messages.hpp"
#include "ledger/conditions.hpp"
#include "ledger/state.hpp"
#include "store/local_log.hpp"

#include <carnet/ledger.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace carnet::ledger {

class Engine;

/// One frame taken apart: its events by position. Reusable.
class FrameWindow {
 public:
  /// Copies nothing: `bytes` must stay until the next load. Errors: kCorruption.
  [[nodiscard]] Status load(base::ByteSpan bytes);

  void clear() noexcept { first_ = last_ = 0; }

  [[nodiscard]] bool holds(std::uint64_t position) const noexcept {
    return position >= first_ && position <= last_ && first_ != 0;
  }

  [[nodiscard]] std::uint64_t first() const noexcept { return first_; }

  [[nodiscard]] std::uint64_t last() const noexcept { return last_; }

  [[nodiscard]] base::ByteSpan event(std::uint64_t position) const { return events_[position - first_].bytes; }

  [[nodiscard]] base::ByteSpan header_of(std::uint64_t position) const {
    return headers_[events_[position - first_].commit].bytes;
  }

  [[nodiscard]] std::uint32_t commit_size(std::uint64_t position) const {
    return headers_[events_[position - first_].commit].events;
  }

 private:
  struct Header {
    base::ByteSpan bytes;
    std::uint32_t events = 0;
  };

  struct Slot {
    base::ByteSpan bytes;
    std::uint32_t commit = 0;
  };

  std::vector<Header> headers_;
  std::vector<Slot> events_;
  std::uint64_t first_ = 0;
  std::uint64_t last_ = 0;
};

/// Builds an Event with its names. Reusable; what it returns is valid until the next call.
class EventDecoder {
 public:
  explicit EventDecoder(State& state) : state_(state) {}

  /// Only what matching needs.
  [[nodiscard]] Result<const codec::StoredEvent*> read(const FrameWindow& window, std::uint64_t position);
  /// Completes what read() began.
  [[nodiscard]] Result<const Event*> complete(const FrameWindow& window, std::uint64_t position);

 private:
  [[nodiscard]] Result<std::string_view> chain_name(std::uint32_t ordinal);
  [[nodiscard]] Result<std::string_view> account_path(std::uint32_t ordinal);
  [[nodiscard]] Status fill_commit(const FrameWindow& window, std::uint64_t position);
  [[nodiscard]] Status fill_lists();

  State& state_;
  codec::HeadReader head_reader_;
  codec::EventReader event_reader_;
  const codec::StoredEvent* stored_ = nullptr;
  Event event_;
  std::unordered_map<std::uint32_t, std::string> chain_names_;
  std::unordered_map<std::uint32_t, std::string> account_paths_;
  std::vector<TagVersion> tags_;
  std::vector<FindingView> findings_;
  std::vector<std::vector<Argument>> args_;
  std::vector<DueView> dues_;
  std::vector<TransferView> transfers_;
  std::vector<RuleVersionView> rules_;
};

/// Pins the published state of `engine`.
[[nodiscard]] Result<std::unique_ptr<View>> make_view(Engine& engine);
[[nodiscard]] std::unique_ptr<Subscription> make_subscription(Engine& engine, const SubscribeOptions& options);

}  // namespace carnet::ledger
