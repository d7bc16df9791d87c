// SPDX-License-Identifier: Apache-2.0
//
// The published pages of all tables: versions for snapshots, loading, eviction, dirty lists, checkpoints, fingerprints.
// The rules are in table_set.hpp; here is who holds what.
//
// INV-2: a page that a live pin can see is never written, nor is one that an expired pin still has in its hand; a page
// that any pin names as its hazard is not freed.
//
// INV-3: old versions of a page rise in epoch towards the slot, and each is seen by a live pin. One that is seen by
// none any more waits in limbo until no pin names it.
//
// INV-4: a page that is not in memory is on disk as every live pin may see it, or was never written.
#pragma once

#include "project/row_overlay.hpp"
#include "project/state_page.hpp"
#include "project/table_set.hpp"
#include "store/views_db.hpp"

#include <carnet/result.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace carnet::project {

class StatePages;

/// Holds one published state. Snapshots, checkpoints and fingerprints read through one.
/// Threads: one at a time.
class PagePin {
 public:
  enum class Expiry : bool { kNever, kOverLimit };

  PagePin(StatePages& pages, Expiry expiry);
  /// For whoever holds the pages' mutex.
  PagePin(StatePages& pages, Expiry expiry, const std::unique_lock<std::mutex>& held);
  PagePin(const PagePin&) = delete;
  PagePin& operator=(const PagePin&) = delete;
  ~PagePin();

  [[nodiscard]] std::uint64_t epoch() const noexcept { return epoch_; }

  [[nodiscard]] std::uint64_t position() const noexcept { return position_; }

  /// 0 also for a table that was not there yet.
  [[nodiscard]] std::uint64_t row_count(std::uint16_t table) const noexcept {
    const auto index = static_cast<std::uint16_t>(table - first_table_);
    return index < counts_.size() ? counts_[index] : 0;
  }

  [[nodiscard]] bool expired() const noexcept { return expired_.load(std::memory_order_acquire); }

  [[nodiscard]] const std::optional<Error>& error() const noexcept { return error_; }

  /// The page as of this pin; null when the pin expired or the page cannot be read (error() says which). It stays
  /// readable and as it is until the next call, whatever happens. Requires: the page holds rows below row_count().
  [[nodiscard]] const Page* find(const Table& table, std::uint64_t number);

 private:
  friend class StatePages;

  StatePages& pages_;
  const Expiry expiry_;
  std::uint64_t epoch_ = 0;
  std::uint64_t position_ = 0;
  std::uint16_t first_table_ = 0;
  std::vector<std::uint64_t> counts_;
  std::atomic<bool> expired_{false};
  std::atomic<const Page*> hazard_{nullptr};
  std::optional<Error> error_;
};

class StatePages {
 public:
  StatePages(store::ViewsDb* views, std::uint32_t generation, const TableSetOptions& options);
  StatePages(const StatePages&) = delete;
  StatePages& operator=(const StatePages&) = delete;
  ~StatePages();

  void add_table(TableId id, const TableSpec& spec);

  [[nodiscard]] std::uint16_t first_table() const noexcept { return options_.first_table; }

  /// One past the highest id.
  [[nodiscard]] std::uint16_t table_end() const noexcept {
    return static_cast<std::uint16_t>(options_.first_table + table_count_.load(std::memory_order_acquire));
  }

  [[nodiscard]] std::vector<TableSpec> specs() const;

  [[nodiscard]] Table& table(TableId id) const {
    const std::size_t index = index_of(id.value);
    CARNET_REQUIRE(index < table_count_.load(std::memory_order_acquire) && tables_[index] != nullptr,
                   "the table was added");
    return *tables_[index];
  }

  void attach(TableId id, const TableSpec& spec, const TableState& state);
  void retire(TableId id);
  [[nodiscard]] bool remove(TableId id);

  // ---- The writer ----

  [[nodiscard]] std::uint64_t group() const noexcept { return group_.load(std::memory_order_relaxed); }

  enum class Sweeper : bool { kOther, kWriter };

  /// The current page with the writer's hands on it: others do not drop it in this group. Null when it cannot be read.
  /// `cache` learns it. kWriter: the one writer, who may drop what it touched and needs no more; kOther: one of
  /// several.
  [[nodiscard]] Page* writer_page(Table& table, const RowPlace& place, WriterCache& cache, Sweeper sweeper);
  /// The same page, or a copy in its place, that may be written before the next publication.
  [[nodiscard]] Page* prepare(Table& table, Page* page);
  /// Rows into pages, row counts and position into force; a new group begins.
  void publish(const RowOverlay& overlay, std::uint64_t position);
  /// A new group begins without anything of this one.
  void discard();

  [[nodiscard]] bool has_unpublished() const noexcept { return unpublished_.load(std::memory_order_relaxed); }

  // ---- Any thread ----

  [[nodiscard]] std::uint64_t position() const noexcept { return position_.load(std::memory_order_acquire); }

  [[nodiscard]] std::size_t dirty_bytes() const noexcept;
  [[nodiscard]] std::size_t resident_bytes() const noexcept;
  [[nodiscard]] Status status() const;
  [[nodiscard]] Fingerprint fingerprint(const Table& table);
  [[nodiscard]] Result<Fingerprint> recompute_fingerprint(const Table& table);

  // ---- Checkpoint ----

  std::uint64_t begin_checkpoint();
  std::vector<TableState> write_checkpoint(const PageSink& sink);
  void end_checkpoint(bool published);
  void load(std::span<const TableState> states, std::uint64_t position);

 private:
  friend class PagePin;

  using Lock = std::unique_lock<std::mutex>;

  /// Pins of one epoch, and the old versions whose youngest viewer they are.
  struct Viewers {
    std::uint32_t pins = 0;
    std::vector<Page*> old;
  };

  struct DirtyPage {
    std::uint16_t table;
    std::uint64_t number;
    Slot* slot;
  };

  struct Checkpoint {
    std::unique_ptr<PagePin> pin;
    std::vector<DirtyPage> pages;
    std::uint64_t list = 0;          ///< Number of the dirty list.
    std::vector<TableState> totals;  ///< Row counts and base totals at its beginning, by place.
    std::vector<bool> live;          ///< By place.
    std::size_t old_pages = 0;       ///< Versions kept because it needs them.

    // The checkpoint's thread only.
    std::vector<DirtyPage> written;  ///< `pages` in the order of their keys, once they were written, and …
    std::vector<Fingerprint> sums;   ///< … their sums.
  };

  using Viewing = std::map<std::uint64_t, Viewers>;
  using Garbage = std::vector<std::unique_ptr<Page>>;

  static constexpr std::size_t kSweepLooks = 256;  ///< Pages that one sweep looks at, so that a load is not slowed.

  // state_pages.cpp: the writer, pins, versions. Those that make garbage of their own take the mutex; the
  // others need it held.
  void pin(PagePin& pin);
  void unpin(PagePin& pin);
  const Page* find_slow(PagePin& pin, const Table& table, std::uint64_t number);
  Page* load_for_writer(Table& table, std::uint64_t number, Slot& slot, Sweeper sweeper);
  Page* make_writable(Table& table, Slot& slot, Page* page);
  Page* copy_version(Slot& slot, Page* page, bool visible);
  void end_viewers(Viewing::iterator viewers);
  void expire_over_limit();
  void empty_limbo(Garbage& garbage);
  void end_group(std::uint64_t position);
  [[nodiscard]] bool named_by_expired(const Page* page) const noexcept;
  void unlink_version(Page& page) noexcept;
  [[nodiscard]] static Page* version_at(Page* page, std::uint64_t epoch) noexcept;

  // state_memory.cpp: loading and eviction.
  Result<std::unique_ptr<Page>> read_page(const Table& table, std::uint64_t number);
  static std::unique_ptr<Page> zero_page();
  Page* install(const Table& table, Slot& slot, std::uint64_t number, std::unique_ptr<Page> page);
  bool sweep(Sweeper sweeper, const Page* keep, Garbage& garbage);
  [[nodiscard]] bool can_go(const Page& page, Sweeper sweeper) const;
  void leave_ring(const Page& page);
  void note_error(const Error& error);

  // state_checkpoint.cpp
  void settle(const DirtyPage& dirty, const Fingerprint* sum, bool published);
  void settle_all(bool published);
  void sweep_all();
  void drop_everything();
  [[nodiscard]] Result<Fingerprint> stored_sum(PagePin& pin, const Table& table, std::uint64_t number);
  [[nodiscard]] const Page* find_unstored(PagePin& pin, const Table& table, std::uint64_t number);

  store::ViewsDb* const views_;
  const std::uint32_t generation_;
  const TableSetOptions options_;
  const std::size_t pages_max_;

  static constexpr std::size_t kTablesMax = 4096;

  [[nodiscard]] std::size_t index_of(std::uint16_t id) const noexcept {
    return static_cast<std::uint16_t>(id - options_.first_table);
  }

  /// Calls `use` with each table that is there; with `live` only with those that are not retired.
  template <class Use>
  void each_table(bool live, const Use& use) const {
    const std::size_t count = table_count_.load(std::memory_order_acquire);
    for (std::size_t i = 0; i < count; ++i) {
      if (tables_[i] != nullptr && !(live && tables_[i]->retired)) {
        use(*tables_[i]);
      }
    }
  }

  // Never moves, so that readers need no lock. A place is filled before anybody learns of its id.
  const std::unique_ptr<std::unique_ptr<Table>[]> tables_ { new std::unique_ptr<Table>[ kTablesMax ]() };
  std::atomic<std::size_t> table_count_{0};

  mutable std::mutex mutex_;
  // Under the mutex. The writer alone changes `epoch_`, under the mutex, and reads it without.
  std::uint64_t epoch_ = 1;
  Viewing viewing_;             // By epoch; a new pin always goes to the end.
  std::vector<PagePin*> pins_;  // Expired ones included.
  std::size_t expired_pins_ = 0;
  std::vector<Page*> limbo_;  // Seen by nobody, perhaps named by a pin.
  std::size_t old_pages_ = 0;
  std::vector<Page*> ring_;
  std::size_t hand_ = 0;
  std::uint64_t dirty_list_ = 1;  // Number of the list that grows.
  std::vector<DirtyPage> dirty_;
  std::optional<Checkpoint> checkpoint_;
  std::optional<Error> first_error_;

  std::atomic<std::uint64_t> position_{0};
  std::atomic<std::uint64_t> group_{1};
  std::atomic<std::size_t> dirty_pages_{0};
  std::atomic<std::size_t> resident_pages_{0};
  std::atomic<bool> failed_{false};       // first_error_ is set.
  std::atomic<bool> unpublished_{false};  // Direct writes since the last publication.
  bool writer_failed_ = false;            // The writer's own: it saw zeros in place of a page.
};

}  // namespace carnet::project
