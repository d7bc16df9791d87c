// SPDX-License-Identifier: Apache-2.0
//
// Published pages on their way to disk and back, and their fingerprints (see state_pages.hpp).
#include "project/page_codec.hpp"
#include "project/state_pages.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace carnet::project {

namespace {

// Pages settled under one hold of the mutex: a publication waits some 20 µs for them at most.
constexpr std::size_t kSettledAtOnce = 256;

}  // namespace

std::uint64_t StatePages::begin_checkpoint() {
  const Lock lock(mutex_);
  CARNET_REQUIRE(!checkpoint_.has_value(), "one checkpoint at a time");
  Checkpoint checkpoint;
  checkpoint.pin = std::make_unique<PagePin>(*this, PagePin::Expiry::kNever, lock);
  checkpoint.pages = std::move(dirty_);
  checkpoint.list = dirty_list_;
  checkpoint.totals.resize(table_count_.load(std::memory_order_relaxed));
  checkpoint.live.resize(checkpoint.totals.size());
  each_table(false, [&](const Table& table) {
    checkpoint.totals[index_of(table.id)] = {table.published_count, table.base_total};
    checkpoint.live[index_of(table.id)] = !table.retired;
  });
  dirty_.clear();
  ++dirty_list_;
  checkpoint_ = std::move(checkpoint);
  return checkpoint_->pin->position();
}

std::vector<TableState> StatePages::write_checkpoint(const PageSink& sink) {
  CARNET_REQUIRE(checkpoint_.has_value(), "a checkpoint was begun");
  Checkpoint& checkpoint = *checkpoint_;
  checkpoint.written = checkpoint.pages;
  checkpoint.sums.clear();
  std::sort(checkpoint.written.begin(), checkpoint.written.end(), [](const DirtyPage& a, const DirtyPage& b) {
    return std::tie(a.table, a.number) < std::tie(b.table, b.number);
  });
  std::vector<TableState> states = checkpoint.totals;
  std::string key;
  std::string value;
  for (const DirtyPage& dirty : checkpoint.written) {
    const Table& table = *tables_[index_of(dirty.table)];
    const Page* const page = checkpoint.pin->find(table, dirty.number);
    CARNET_ASSERT(page != nullptr && page->base_known, "a dirty page is in memory, and its base sum known");
    const Fingerprint sum = table.sum(*page);
    add_to(take_from(states[index_of(table.id)].fingerprint, page->base), sum);
    checkpoint.sums.push_back(sum);
    encode_page_key(key, generation_, table.id, dirty.number);
    encode_page(value, key, *page);
    sink(key, value);
  }
  std::vector<TableState> live;
  for (std::size_t i = 0; i < states.size(); ++i) {
    if (checkpoint.live[i]) {
      live.push_back(states[i]);
    }
  }
  return live;
}

void StatePages::end_checkpoint(bool published) {
  CARNET_REQUIRE(checkpoint_.has_value(), "a checkpoint was begun");
  CARNET_REQUIRE(!published || checkpoint_->sums.size() == checkpoint_->pages.size(), "what is published was written");
  settle_all(published);
  std::unique_ptr<PagePin> pin;
  {
    const Lock lock(mutex_);
    pin = std::move(checkpoint_->pin);
    checkpoint_.reset();
  }
  pin.reset();
  sweep_all();
}

void StatePages::settle_all(bool published) {
  const std::vector<DirtyPage>& pages = checkpoint_->sums.empty() ? checkpoint_->pages : checkpoint_->written;
  const std::vector<Fingerprint>& sums = checkpoint_->sums;
  for (std::size_t first = 0; first < pages.size(); first += kSettledAtOnce) {
    const Lock lock(mutex_);
    const std::size_t end = std::min(first + kSettledAtOnce, pages.size());
    for (std::size_t i = first; i < end; ++i) {
      settle(pages[i], sums.empty() ? nullptr : &sums[i], published);
    }
  }
}

void StatePages::settle(const DirtyPage& dirty, const Fingerprint* sum, bool published) {
  Table& table = *tables_[index_of(dirty.table)];
  Page& page = *dirty.slot->page.load(std::memory_order_relaxed);
  if (sum != nullptr) {
    add_to(take_from(table.base_total, page.base), *sum);
    page.base = *sum;
  }
  if (page.dirty != checkpoint_->list) {
    return;  // Changed since: it is on the list of the next one.
  }
  if (sum != nullptr) {
    page.sum = *sum;
    page.sum_epoch = page.epoch.load(std::memory_order_relaxed);
  }
  if (published) {
    page.dirty = 0;
    dirty_pages_.fetch_sub(1, std::memory_order_relaxed);
  } else {
    page.dirty = dirty_list_;
    dirty_.push_back(dirty);
  }
}

void StatePages::sweep_all() {
  Garbage garbage;
  {
    const Lock lock(mutex_);
    expire_over_limit();
    empty_limbo(garbage);
  }
  // Twice round: the first time may only take second chances away.
  std::size_t looks = 0;
  for (bool over = true; over;) {
    garbage.clear();
    const Lock lock(mutex_);
    const bool freed = sweep(Sweeper::kOther, nullptr, garbage);
    looks = freed ? 0 : looks + kSweepLooks;
    over = looks < 2 * ring_.size() && ring_.size() > pages_max_;
  }
}

void StatePages::load(std::span<const TableState> states, std::uint64_t position) {
  const Lock lock(mutex_);
  CARNET_REQUIRE(pins_.empty() && !checkpoint_.has_value(), "state is loaded while nobody looks");
  drop_everything();
  std::size_t next = 0;
  each_table(true, [&](Table& table) {
    CARNET_REQUIRE(next < states.size(), "there is a state for each table");
    table.count = states[next].row_count;
    table.published_count = table.count;
    table.base_total = states[next].fingerprint;
    ++next;
  });
  ++epoch_;
  end_group(position);
}

void StatePages::drop_everything() {
  for (Page* const page : ring_) {
    tables_[index_of(page->table)]->directory.find(page->number)->page.store(nullptr, std::memory_order_relaxed);
    std::unique_ptr<Page>(page).reset();
  }
  ring_.clear();
  hand_ = 0;
  dirty_.clear();
  dirty_pages_.store(0, std::memory_order_relaxed);
  resident_pages_.store(0, std::memory_order_relaxed);
  unpublished_.store(false, std::memory_order_relaxed);
  writer_failed_ = false;
  first_error_.reset();
  failed_.store(false, std::memory_order_relaxed);
}

Fingerprint StatePages::fingerprint(const Table& table) {
  std::optional<PagePin> pin;
  std::vector<DirtyPage> unknown;
  Fingerprint total{};
  {
    const Lock lock(mutex_);
    pin.emplace(*this, PagePin::Expiry::kNever, lock);
    total = table.base_total;
    const auto count = [&](const std::vector<DirtyPage>& pages, std::uint64_t list) {
      for (const DirtyPage& dirty : pages) {
        const Page& page = *dirty.slot->page.load(std::memory_order_relaxed);
        if (dirty.table != table.id || page.dirty != list) {
          continue;
        }
        take_from(total, page.base);
        if (page.sum_epoch == page.epoch.load(std::memory_order_relaxed)) {
          add_to(total, page.sum);
        } else {
          unknown.push_back(dirty);
        }
      }
    };
    count(dirty_, dirty_list_);
    if (checkpoint_.has_value()) {
      count(checkpoint_->pages, checkpoint_->list);
    }
  }
  for (const DirtyPage& dirty : unknown) {
    const Page* const found = pin->find(table, dirty.number);
    CARNET_ASSERT(found != nullptr, "a dirty page is in memory");
    const Fingerprint sum = table.sum(*found);
    add_to(total, sum);
    const Lock lock(mutex_);
    Page* const page = dirty.slot->page.load(std::memory_order_relaxed);
    if (page == found) {
      page->sum = sum;
      page->sum_epoch = page->epoch.load(std::memory_order_relaxed);
    }
  }
  return total;
}

Result<Fingerprint> StatePages::recompute_fingerprint(const Table& table) {
  PagePin pin(*this, PagePin::Expiry::kNever);
  Fingerprint total{};
  const std::uint64_t pages = table.page_count(pin.row_count(table.id));
  for (std::uint64_t number = 0; number < pages; ++number) {
    CARNET_TRY(const Fingerprint sum, stored_sum(pin, table, number));
    add_to(total, sum);
  }
  return total;
}

Result<Fingerprint> StatePages::stored_sum(PagePin& pin, const Table& table, std::uint64_t number) {
  if (const Page* const page = find_unstored(pin, table, number)) {
    return table.sum(*page);
  }
  CARNET_TRY(const std::unique_ptr<Page> stored, read_page(table, number));
  // If it changed before it was read, the version that the pin sees is in memory now.
  if (const Page* const page = find_unstored(pin, table, number)) {
    return table.sum(*page);
  }
  stored->number = number;
  return table.sum(*stored);
}

const Page* StatePages::find_unstored(PagePin& pin, const Table& table, std::uint64_t number) {
  const Lock lock(mutex_);
  const Slot* const slot = table.directory.find(number);
  Page* const current = slot == nullptr ? nullptr : slot->page.load(std::memory_order_relaxed);
  if (current == nullptr) {
    return nullptr;
  }
  const Page* const page = version_at(current, pin.epoch());
  CARNET_ASSERT(page != nullptr, "INV-3: a live pin finds its version of every page");
  if (page == current && page->dirty == 0 && views_ != nullptr) {
    return nullptr;
  }
  pin.hazard_.store(page, std::memory_order_seq_cst);
  return page;
}

}  // namespace carnet::project
