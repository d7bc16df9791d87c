// SPDX-License-Identifier: Apache-2.0
//
// Published pages: the writer's side, pins and the versions that they see (see state_pages.hpp).
#include "project/state_pages.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace carnet::project {

// ---- PagePin ----

PagePin::PagePin(StatePages& pages, Expiry expiry) : pages_(pages), expiry_(expiry) {
  const std::lock_guard<std::mutex> lock(pages_.mutex_);
  pages_.pin(*this);
}

PagePin::PagePin(StatePages& pages, Expiry expiry, const std::unique_lock<std::mutex>& /*held*/)
    : pages_(pages), expiry_(expiry) {
  pages_.pin(*this);
}

PagePin::~PagePin() {
  pages_.unpin(*this);
}

const Page* PagePin::find(const Table& table, std::uint64_t number) {
  if (const Slot* const slot = table.directory.find(number)) {
    Page* const page = slot->page.load(std::memory_order_acquire);
    if (page != nullptr) {
      // The order matters, and is total: name the page, then see that it is still there and this pin still counts.
      // Whoever frees or overwrites does it the other way round.
      hazard_.store(page, std::memory_order_seq_cst);
      if (slot->page.load(std::memory_order_seq_cst) == page && page->epoch.load(std::memory_order_acquire) <= epoch_ &&
          !expired_.load(std::memory_order_seq_cst)) {
        if (!page->referenced.load(std::memory_order_relaxed)) {
          page->referenced.store(true, std::memory_order_relaxed);
        }
        return page;
      }
    }
  }
  return pages_.find_slow(*this, table, number);
}

// ---- Tables ----

StatePages::StatePages(store::ViewsDb* views, std::uint32_t generation, const TableSetOptions& options)
    : views_(views), generation_(generation), options_(options), pages_max_(options.memory_bytes / sizeof(Page)) {}

StatePages::~StatePages() {
  CARNET_REQUIRE(!checkpoint_.has_value(), "a checkpoint ends before its table set");
  CARNET_REQUIRE(pins_.empty(), "a snapshot dies before its table set");
  drop_everything();
}

void StatePages::add_table(TableId id, const TableSpec& spec) {
  CARNET_REQUIRE(spec.row_bytes >= 8 && spec.row_bytes <= kRowBytesMax && spec.row_bytes % 8 == 0,
                 "a row has 8 to 2048 bytes, in words");
  const std::size_t index = index_of(id.value);
  CARNET_REQUIRE(index < kTablesMax, "table ids of one set lie close together");
  CARNET_REQUIRE(tables_[index] == nullptr, "a table is added once");
  tables_[index] = std::make_unique<Table>(spec, id.value);
  if (index >= table_count_.load(std::memory_order_relaxed)) {
    table_count_.store(index + 1, std::memory_order_release);
  }
}

std::vector<TableSpec> StatePages::specs() const {
  std::vector<TableSpec> specs;
  each_table(true, [&](const Table& table) { specs.push_back(table.spec); });
  return specs;
}

void StatePages::attach(TableId id, const TableSpec& spec, const TableState& state) {
  const Lock lock(mutex_);
  CARNET_REQUIRE(!has_unpublished(), "tables come and go between publications");
  add_table(id, spec);
  Table& table = *tables_[index_of(id.value)];
  table.count = state.row_count;
  table.published_count = state.row_count;
  table.base_total = state.fingerprint;
}

void StatePages::retire(TableId id) {
  const Lock lock(mutex_);
  Table& table = *tables_[index_of(id.value)];
  table.retired = true;
  table.retired_epoch = epoch_;
}

bool StatePages::remove(TableId id) {
  Garbage garbage;
  const Lock lock(mutex_);
  const std::size_t index = index_of(id.value);
  const Table* const table = tables_[index].get();
  if (table == nullptr) {
    return true;
  }
  CARNET_REQUIRE(table->retired, "a table is retired before it is removed");
  const auto sees = [&](const PagePin* pin) { return pin->epoch() <= table->retired_epoch; };
  if (checkpoint_.has_value() || std::any_of(pins_.begin(), pins_.end(), sees)) {
    return false;
  }
  for (std::size_t i = ring_.size(); i-- > 0;) {
    if (ring_[i]->table == id.value) {
      Page* const page = ring_[i];
      CARNET_ASSERT(page->older == nullptr, "INV-3: without pins there are no old versions");
      if (page->dirty != 0) {
        dirty_pages_.fetch_sub(1, std::memory_order_relaxed);
      }
      leave_ring(*page);
      resident_pages_.fetch_sub(1, std::memory_order_relaxed);
      garbage.emplace_back(page);
    }
  }
  std::erase_if(dirty_, [&](const DirtyPage& dirty) { return dirty.table == id.value; });
  tables_[index].reset();
  return true;
}

// ---- The writer ----

Page* StatePages::writer_page(Table& table, const RowPlace& place, WriterCache& cache, Sweeper sweeper) {
  const std::uint64_t number = place.number;
  Slot* slot = table.directory.find(number);
  if (slot == nullptr) {
    const Lock lock(mutex_);
    slot = &table.directory.ensure(number);
  }
  const std::uint64_t group = this->group();
  if (slot->pin.load(std::memory_order_relaxed) != group) {
    // The exchange waits for every load before it, but not for these.
    if (const Page* const likely = slot->page.load(std::memory_order_relaxed)) {
      __builtin_prefetch(likely, 1);
      __builtin_prefetch(likely->bytes.data() + place.offset, 1);
    }
    slot->pin.exchange(group, std::memory_order_seq_cst);  // Before the page is looked at: see sweep().
  }
  Page* page = slot->page.load(std::memory_order_seq_cst);
  if (page == nullptr) {
    page = load_for_writer(table, number, *slot, sweeper);
    if (page == nullptr) {
      return nullptr;
    }
  }
  if (!page->referenced.load(std::memory_order_relaxed)) {
    page->referenced.store(true, std::memory_order_relaxed);
  }
  cache = {.first = table.first_row(number), .page = page, .group = group, .writable = 0};
  return page;
}

Page* StatePages::load_for_writer(Table& table, std::uint64_t number, Slot& slot, Sweeper sweeper) {
  Garbage garbage;
  Lock lock(mutex_);
  if (Page* const page = slot.page.load(std::memory_order_relaxed)) {
    return page;
  }
  std::unique_ptr<Page> loaded;
  if (table.first_row(number) >= table.published_count) {
    // Beyond all that was published: no disk holds it and no snapshot reads it, hence the epoch to come.
    loaded = zero_page();
    loaded->epoch.store(epoch_ + 1, std::memory_order_relaxed);
  } else {
    lock.unlock();
    Result<std::unique_ptr<Page>> page = read_page(table, number);
    lock.lock();
    if (!page) {
      note_error(page.error());
      writer_failed_ = true;
      return nullptr;
    }
    loaded = *std::move(page);
  }
  Page* page = slot.page.load(std::memory_order_relaxed);
  if (page == nullptr) {
    page = install(table, slot, number, std::move(loaded));
  }
  sweep(sweeper, page, garbage);
  return page;
}

Page* StatePages::prepare(Table& table, Page* page) {
  const std::uint64_t next = epoch_ + 1;
  if (page->prepared.load(std::memory_order_acquire) == next) {
    return page;
  }
  const Lock lock(mutex_);
  unpublished_.store(true, std::memory_order_relaxed);
  // Another of several writers may have been faster.
  Slot& slot = *table.directory.find(page->number);
  Page* const current = slot.page.load(std::memory_order_relaxed);
  return current->prepared.load(std::memory_order_relaxed) == next ? current : make_writable(table, slot, current);
}

Page* StatePages::make_writable(Table& table, Slot& slot, Page* page) {
  if (page->dirty == 0 && !page->base_known) {
    page->base = table.sum(*page);
    page->base_known = true;
  }
  const bool visible = !viewing_.empty() && viewing_.rbegin()->first >= page->epoch.load(std::memory_order_relaxed);
  if (visible || (expired_pins_ > 0 && named_by_expired(page))) {
    page = copy_version(slot, page, visible);
  }
  page->epoch.store(epoch_ + 1, std::memory_order_release);
  if (page->dirty != dirty_list_) {
    if (page->dirty == 0) {
      dirty_pages_.fetch_add(1, std::memory_order_relaxed);
    }
    page->dirty = dirty_list_;
    dirty_.push_back({table.id, page->number, &slot});
  }
  page->prepared.store(epoch_ + 1, std::memory_order_release);
  return page;
}

Page* StatePages::copy_version(Slot& slot, Page* page, bool visible) {
  auto made = std::make_unique_for_overwrite<Page>();
  Page* const copy = made.release();
  resident_pages_.fetch_add(1, std::memory_order_relaxed);
  copy->epoch.store(epoch_ + 1, std::memory_order_relaxed);
  copy->referenced.store(true, std::memory_order_relaxed);
  copy->base_known = page->base_known;
  copy->table = page->table;
  copy->ring = page->ring;
  copy->number = page->number;
  copy->dirty = page->dirty;
  copy->base = page->base;
  copy->write_group = page->write_group;
  copy->bytes = page->bytes;
  ring_[copy->ring] = copy;
  copy->older = page;
  page->newer = copy;
  if (visible) {
    viewing_.rbegin()->second.old.push_back(page);
    ++old_pages_;
    if (checkpoint_.has_value() && checkpoint_->pin->epoch() >= page->epoch.load(std::memory_order_relaxed)) {
      ++checkpoint_->old_pages;
    }
  } else {
    unlink_version(*page);
    limbo_.push_back(page);
  }
  slot.page.store(copy, std::memory_order_seq_cst);
  return copy;
}

void StatePages::publish(const RowOverlay& overlay, std::uint64_t position) {
  CARNET_REQUIRE(!writer_failed_, "what was made of unreadable pages is not published");
  Garbage garbage;
  const Lock lock(mutex_);
  const std::uint64_t next = epoch_ + 1;
  for (const RowOverlay::Row& row : overlay.rows()) {
    Page* page = row.slot->page.load(std::memory_order_relaxed);
    if (page->prepared.load(std::memory_order_relaxed) != next) {
      page = make_writable(*tables_[index_of(page->table)], *row.slot, page);
    }
    std::memcpy(page->bytes.data() + row.offset, row.bytes, row.size);
  }
  epoch_ = next;
  unpublished_.store(false, std::memory_order_relaxed);
  each_table(false, [](Table& table) { table.published_count = table.count; });
  end_group(position);
  expire_over_limit();
  empty_limbo(garbage);
}

void StatePages::discard() {
  CARNET_REQUIRE(!has_unpublished(), "direct writes cannot be discarded");
  each_table(false, [](Table& table) { table.count = table.published_count; });
  writer_failed_ = false;
  end_group(position_.load(std::memory_order_relaxed));
}

void StatePages::end_group(std::uint64_t position) {
  each_table(false, [](Table& table) { table.count_serial = 0; });
  position_.store(position, std::memory_order_release);
  group_.fetch_add(1, std::memory_order_seq_cst);
}

// ---- Pins and versions ----

void StatePages::pin(PagePin& pin) {
  CARNET_REQUIRE(!has_unpublished(), "nobody looks at direct writes before they are published");
  pin.epoch_ = epoch_;
  pin.position_ = position_.load(std::memory_order_relaxed);
  pin.first_table_ = options_.first_table;
  pin.counts_.resize(table_count_.load(std::memory_order_relaxed));
  each_table(false, [&](const Table& table) { pin.counts_[index_of(table.id)] = table.published_count; });
  pins_.push_back(&pin);
  ++viewing_[epoch_].pins;
}

void StatePages::unpin(PagePin& pin) {
  Garbage garbage;
  const Lock lock(mutex_);
  pins_.erase(std::find(pins_.begin(), pins_.end(), &pin));
  if (pin.expired_.load(std::memory_order_relaxed)) {
    --expired_pins_;
  } else {
    const auto viewers = viewing_.find(pin.epoch_);
    if (--viewers->second.pins == 0) {
      end_viewers(viewers);
    }
  }
  empty_limbo(garbage);
}

const Page* StatePages::find_slow(PagePin& pin, const Table& table, std::uint64_t number) {
  Garbage garbage;
  Lock lock(mutex_);
  Slot& slot = tables_[index_of(table.id)]->directory.ensure(number);
  Page* page = slot.page.load(std::memory_order_relaxed);
  std::unique_ptr<Page> loaded;
  if (page == nullptr && !pin.expired()) {
    lock.unlock();
    Result<std::unique_ptr<Page>> read = read_page(table, number);
    lock.lock();
    if (!read) {
      note_error(read.error());
      if (!pin.error_.has_value()) {
        pin.error_ = std::move(read).error();
      }
      pin.hazard_.store(nullptr, std::memory_order_seq_cst);
      return nullptr;
    }
    loaded = *std::move(read);
    page = slot.page.load(std::memory_order_relaxed);
  }
  // An expired pin no longer keeps newer state off the disk: what it read may be from its future.
  if (pin.expired()) {
    pin.hazard_.store(nullptr, std::memory_order_seq_cst);
    return nullptr;
  }
  if (page == nullptr) {
    page = install(table, slot, number, std::move(loaded));
    sweep(Sweeper::kOther, page, garbage);
  }
  page = version_at(page, pin.epoch_);
  CARNET_ASSERT(page != nullptr, "INV-3: a live pin finds its version of every page");
  page->referenced.store(true, std::memory_order_relaxed);
  pin.hazard_.store(page, std::memory_order_seq_cst);
  return page;
}

Page* StatePages::version_at(Page* page, std::uint64_t epoch) noexcept {
  while (page != nullptr && page->epoch.load(std::memory_order_relaxed) > epoch) {
    page = page->older;
  }
  return page;
}

void StatePages::end_viewers(Viewing::iterator viewers) {
  CARNET_ASSERT(viewers->second.pins == 0, "viewers end with their last pin");
  Viewers* const older = viewers == viewing_.begin() ? nullptr : &std::prev(viewers)->second;
  const std::uint64_t older_epoch = older == nullptr ? 0 : std::prev(viewers)->first;
  for (Page* const page : viewers->second.old) {
    if (older != nullptr && older_epoch >= page->epoch.load(std::memory_order_relaxed)) {
      older->old.push_back(page);
    } else {
      unlink_version(*page);
      --old_pages_;
      limbo_.push_back(page);
    }
  }
  viewing_.erase(viewers);
}

void StatePages::unlink_version(Page& page) noexcept {
  page.newer->older = page.older;
  if (page.older != nullptr) {
    page.older->newer = page.newer;
  }
  page.older = nullptr;
  page.newer = nullptr;
}

void StatePages::expire_over_limit() {
  const auto needless_bytes = [this] {
    return (old_pages_ - (checkpoint_.has_value() ? checkpoint_->old_pages : 0)) * sizeof(Page);
  };
  while (needless_bytes() > options_.snapshot_bytes_max) {
    std::uint64_t oldest = UINT64_MAX;
    for (const PagePin* const pin : pins_) {
      if (pin->expiry_ == PagePin::Expiry::kOverLimit && !pin->expired()) {
        oldest = std::min(oldest, pin->epoch_);
      }
    }
    if (oldest == UINT64_MAX) {
      return;
    }
    const auto viewers = viewing_.find(oldest);
    for (PagePin* const pin : pins_) {
      if (pin->epoch_ == oldest && pin->expiry_ == PagePin::Expiry::kOverLimit && !pin->expired()) {
        pin->expired_.store(true, std::memory_order_seq_cst);  // Before hazards are looked at: see PagePin::find().
        ++expired_pins_;
        --viewers->second.pins;
      }
    }
    if (viewers->second.pins == 0) {
      end_viewers(viewers);
    }
  }
}

void StatePages::empty_limbo(Garbage& garbage) {
  if (limbo_.empty()) {
    return;
  }
  // Of all pins: one that has no right to a page may still be about to see that.
  std::vector<const Page*> named;
  for (const PagePin* const pin : pins_) {
    named.push_back(pin->hazard_.load(std::memory_order_seq_cst));
  }
  std::sort(named.begin(), named.end());
  std::erase_if(limbo_, [&](Page* page) {
    if (std::binary_search(named.begin(), named.end(), page)) {
      return false;
    }
    resident_pages_.fetch_sub(1, std::memory_order_relaxed);
    garbage.emplace_back(page);
    return true;
  });
}

bool StatePages::named_by_expired(const Page* page) const noexcept {
  return std::any_of(pins_.begin(), pins_.end(), [page](const PagePin* pin) {
    return pin->expired() && pin->hazard_.load(std::memory_order_seq_cst) == page;
  });
}

}  // namespace carnet::project
