// SPDX-License-Identifier: Apache-2.0
//
// HistoryMaker: a rental company's life as requests in order of time, the same for the same seed on every machine. It
// remembers rentals that run, vehicles and counts; what it hands out must land in this order, all of it: positions of
// later corrections are foretold.
#pragma once

#include "writer.hpp"

#include <carnet/ledger.hpp>
#include <carnet/result.hpp>

#include <cstdint>
#include <queue>
#include <string>
#include <utility>
#include <vector>

namespace carnet::generate {

struct HistoryOptions {
  std::uint64_t rentals = 0;
  std::uint64_t seed = 0;
  std::uint64_t rentals_a_day = 1000;
};

/// When every history begins: 2012-01-01.
inline constexpr Timestamp kHistoryBegin{1'325'376'000 * kNsPerSecond};

struct HistoryCommit {
  Request request;
  Timestamp at;
};

class HistoryMaker {
 public:
  explicit HistoryMaker(const HistoryOptions& options);

  /// Requests that come before all rentals: price list and documents.
  [[nodiscard]] std::vector<Request> preface() const;

  /// The next commit; false: the history is told. `first_position` is the one that its first event will get.
  [[nodiscard]] bool next(HistoryCommit& commit, std::uint64_t first_position);

  [[nodiscard]] std::uint64_t rentals_begun() const noexcept { return begun_; }

  [[nodiscard]] std::uint64_t rentals_running() const noexcept { return live_.size() - free_.size(); }

  [[nodiscard]] std::uint64_t accounts() const noexcept { return accounts_; }

  /// Time of the last commit of a history of so many rentals, at the latest.
  [[nodiscard]] static Timestamp end_of(const HistoryOptions& options);

 private:
  /// A story's next step. Of two at the same time, the one of the earlier rental comes first.
  struct Due {
    std::int64_t at_ns = 0;
    std::uint64_t number = 0;
    std::size_t place = 0;

    friend bool operator>(const Due& a, const Due& b) noexcept {
      return a.at_ns != b.at_ns ? a.at_ns > b.at_ns : a.number > b.number;
    }
  };

  void begin_story();
  void write_keys(HistoryCommit& commit);
  void choose_customer(Story& story);

  HistoryOptions options_;
  Fleet fleet_;
  std::uint64_t begun_ = 0;
  std::uint64_t accounts_begun_ = 0;
  std::uint64_t accounts_ = 0;  ///< Opened.
  std::uint64_t keyed_ = 0;     ///< Accounts whose data keys exist: made in stock, many in one commit.
  std::vector<Story> live_;
  std::vector<std::size_t> free_;  ///< Places of stories that ended.
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
};

}  // namespace carnet::generate
