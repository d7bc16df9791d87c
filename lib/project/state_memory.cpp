// SPDX-License-Identifier: Apache-2.0
//
// Published pages in memory: loading what is missing, dropping what is too much (see state_pages.hpp).
#include "project/page_codec.hpp"
#include "project/state_pages.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace carnet::project {

namespace {

// Of one sweep, which a page load pays for: loads never outrun it.
constexpr std::size_t kVictimsMax = 32;

}  // namespace

std::unique_ptr<Page> StatePages::zero_page() {
  auto page = std::make_unique_for_overwrite<Page>();
  page->bytes.fill(std::byte{0});
  page->base_known = true;
  return page;
}

Result<std::unique_ptr<Page>> StatePages::read_page(const Table& table, std::uint64_t number) {
  if (views_ == nullptr) {
    return zero_page();
  }
  std::string key;
  encode_page_key(key, generation_, table.id, number);
  CARNET_TRY(const std::optional<std::string> value, views_->get(store::ViewFamily::kState, key));
  if (!value.has_value()) {
    return zero_page();
  }
  auto page = std::make_unique_for_overwrite<Page>();
  CARNET_TRY_VOID(decode_page(key, *value, *page));
  return page;
}

Page* StatePages::install(const Table& table, Slot& slot, std::uint64_t number, std::unique_ptr<Page> page) {
  page->table = table.id;
  page->number = number;
  page->ring = static_cast<std::uint32_t>(ring_.size());
  ring_.push_back(page.get());
  resident_pages_.fetch_add(1, std::memory_order_relaxed);
  Page* const installed = page.release();
  slot.page.store(installed, std::memory_order_seq_cst);
  return installed;
}

void StatePages::leave_ring(const Page& page) {
  Page* const last = ring_.back();
  ring_[page.ring] = last;
  last->ring = page.ring;
  ring_.pop_back();
}

bool StatePages::can_go(const Page& page, Sweeper sweeper) const {
  // Without an old version no living pin looks for one: each sees this page as it is, or none of its rows (INV-3).
  if (page.dirty != 0 || page.older != nullptr) {
    return false;
  }
  if (sweeper == Sweeper::kOther) {
    return true;
  }
  const std::uint64_t group = this->group();
  const WriterCache& cache = tables_[index_of(page.table)]->cache;
  return page.write_group != group && (cache.page != &page || cache.group != group);
}

bool StatePages::sweep(Sweeper sweeper, const Page* keep, Garbage& garbage) {
  if (views_ == nullptr || ring_.size() <= pages_max_) {
    return false;
  }

  struct Victim {
    Page* page = nullptr;
    Slot* slot = nullptr;
    bool named = false;
  };

  std::array<Victim, kVictimsMax> victims{};
  std::size_t count = 0;
  const std::size_t wanted = std::min(kVictimsMax, ring_.size() - pages_max_);
  for (std::size_t looks = std::min(kSweepLooks, 2 * ring_.size()); looks > 0 && count < wanted && !ring_.empty();
       --looks) {
    hand_ = hand_ + 1 < ring_.size() ? hand_ + 1 : 0;
    Page* const page = ring_[hand_];
    if (page == keep || !can_go(*page, sweeper) || page->referenced.exchange(false, std::memory_order_relaxed)) {
      continue;
    }
    // The order matters, and is total: take the page out of sight, then see who has it in hand. Readers and the writer
    // do it the other way round.
    Slot* const slot = tables_[index_of(page->table)]->directory.find(page->number);
    leave_ring(*page);
    slot->page.store(nullptr, std::memory_order_seq_cst);
    victims[count++] = {.page = page, .slot = slot};
  }
  const std::uint64_t group = group_.load(std::memory_order_seq_cst);
  const std::span<Victim> taken(victims.data(), count);
  for (const PagePin* const pin : pins_) {
    const Page* const hazard = pin->hazard_.load(std::memory_order_seq_cst);
    for (Victim& victim : taken) {
      victim.named = victim.named || victim.page == hazard;
    }
  }
  bool any = false;
  for (const Victim& victim : taken) {
    if (victim.named || (sweeper == Sweeper::kOther && victim.slot->pin.load(std::memory_order_seq_cst) >= group)) {
      victim.page->ring = static_cast<std::uint32_t>(ring_.size());
      ring_.push_back(victim.page);
      victim.slot->page.store(victim.page, std::memory_order_seq_cst);
      continue;
    }
    resident_pages_.fetch_sub(1, std::memory_order_relaxed);
    garbage.emplace_back(victim.page);
    any = true;
  }
  return any;
}

void StatePages::note_error(const Error& error) {
  if (!first_error_.has_value()) {
    first_error_ = error;
    failed_.store(true, std::memory_order_release);
  }
}

Status StatePages::status() const {
  if (!failed_.load(std::memory_order_acquire)) {
    return {};
  }
  const Lock lock(mutex_);
  return *first_error_;
}

std::size_t StatePages::dirty_bytes() const noexcept {
  return dirty_pages_.load(std::memory_order_relaxed) * kPageBytes;
}

std::size_t StatePages::resident_bytes() const noexcept {
  return resident_pages_.load(std::memory_order_relaxed) * sizeof(Page);
}

}  // namespace carnet::project
