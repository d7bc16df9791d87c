// SPDX-License-Identifier: Apache-2.0
//
// Replay, the folding half: threads take turns at reading a batch and at folding batches into projections. Every
// projection sees every batch in order, one thread at a time; one that is sharded is folded by several threads, which
// meet at its barriers. Nobody else writes the tables meanwhile.
#pragma once

#include "ledger/replay_batch.hpp"
#include "project/table_set.hpp"

#include <carnet/projection.hpp>
#include <carnet/result.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

namespace carnet::ledger {

struct ReplayTarget {
  const Projection* projection = nullptr;
  TableId first;
  project::TableSet* tables = nullptr;
  std::uint64_t after = 0;             ///< Position that its tables have already.
  std::vector<std::uint64_t> skipped;  ///< Positions that it leaves out.
};

struct ReplayOptions {
  std::uint64_t up_to = 0;
  std::size_t threads = 1;
  /// Asked between batches: the pass ends early when it holds.
  std::function<bool()> is_full;
  /// Told positions, now and then, by any of the threads.
  std::function<void(std::uint64_t)> progress;
  std::stop_token stop;
};

/// A pass over frames. Threads: one at a time; run() starts those that it needs beside the caller's.
class Replay {
 public:
  /// `targets` stay as they are until the end.
  Replay(ReplayDecoder& decoder, std::span<const ReplayTarget> targets);
  ~Replay();
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;

  /// Folds positions in (after, options.up_to]. Returns the position reached by all. The tables must be published
  /// after it. Errors: kCorruption of the log or of pages; kCancelled; kInvalidArgument `ProjectionFailed`
  /// {projection, position}: an apply threw. What was folded then is of no use.
  [[nodiscard]] Result<std::uint64_t> run(FrameCursor& frames, std::uint64_t after, const ReplayOptions& options);

 private:
  struct Target;
  struct Task;
  class Pass;

  ReplayDecoder& decoder_;
  std::vector<std::unique_ptr<Target>> targets_;
};

/// `ProjectionFailed` with what an exception says.
[[nodiscard]] Error projection_failed(std::string_view projection, std::uint64_t position, std::string_view reason);

}  // namespace carnet::ledger
