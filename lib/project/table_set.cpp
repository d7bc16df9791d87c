// SPDX-License-Identifier: Apache-2.0
//
// TableSet over the published pages and the overlay: the two writers' views of the rows, and snapshots'.
#include "project/table_set.hpp"

#include "project/page_codec.hpp"
#include "project/row_overlay.hpp"
#include "project/state_pages.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

namespace carnet::project {

namespace {

alignas(64) constexpr std::array<std::byte, kRowBytesMax> kZeroRow{};

class PinnedSnapshot final : public Snapshot {
 public:
  explicit PinnedSnapshot(StatePages& pages) : pages_(pages), pin_(pages, PagePin::Expiry::kOverLimit) {}

  const std::byte* row(TableId table, std::uint64_t index) override {
    const std::uint64_t in_page = index - first_;
    if (table_ != nullptr && table.value == table_->id && in_page < table_->rows_per_page && !pin_.expired()) {
      return bytes_ + in_page * table_->row_bytes;
    }
    return find_row(pages_.table(table), index);
  }

  std::uint64_t row_count(TableId table) override { return pin_.row_count(pages_.table(table).id); }

  [[nodiscard]] std::uint64_t position() const override { return pin_.position(); }

  [[nodiscard]] Status status() const override {
    if (pin_.expired()) {
      return Error(ErrorCode::kExpired, "ViewExpired",
                   "this view is too old: what changed since took more memory than allowed; take a new one",
                   {{"position", std::to_string(pin_.position())}});
    }
    if (pin_.error().has_value()) {
      return *pin_.error();
    }
    return {};
  }

 private:
  const std::byte* find_row(const Table& table, std::uint64_t index) {
    if (index >= pin_.row_count(table.id)) {
      return kZeroRow.data();
    }
    const RowPlace place = table.place(index);
    const Page* const page = pin_.find(table, place.number);
    if (page == nullptr) {
      table_ = nullptr;
      return kZeroRow.data();
    }
    table_ = &table;
    first_ = table.first_row(place.number);
    bytes_ = page->bytes.data();
    return bytes_ + place.offset;
  }

  StatePages& pages_;
  PagePin pin_;
  // The page that the pin holds in its hand.
  const Table* table_ = nullptr;
  std::uint64_t first_ = 0;
  const std::byte* bytes_ = nullptr;
};

/// The writer's reads of pages, through the page that it used last in each table.
const std::byte* page_row(StatePages& pages, Table& table, std::uint64_t index) {
  const std::uint64_t in_page = index - table.cache.first;
  if (in_page < table.rows_per_page && table.cache.group == pages.group()) {
    return table.cache.page->bytes.data() + in_page * table.row_bytes;
  }
  const RowPlace place = table.place(index);
  const Page* const page = pages.writer_page(table, place, table.cache, StatePages::Sweeper::kWriter);
  return page == nullptr ? kZeroRow.data() : page->bytes.data() + place.offset;
}

/// Memory to write to when a page cannot be read: nothing of it is ever published.
class Nowhere {
 public:
  [[nodiscard]] std::byte* row() noexcept {
    bytes_.fill(std::byte{0});
    return bytes_.data();
  }

 private:
  alignas(64) std::array<std::byte, kRowBytesMax> bytes_{};
};

class OverlayTables final : public TableWriter {
 public:
  explicit OverlayTables(StatePages& pages) : pages_(pages) {}

  const std::byte* row(TableId id, std::uint64_t index) override {
    Table& table = pages_.table(id);
    if (index >= table.count) {
      return kZeroRow.data();
    }
    if (!overlay_.empty()) {
      if (const RowOverlay::Row* const row = overlay_.find(id.value, index)) {
        return row->bytes;
      }
    }
    return index >= table.published_count ? kZeroRow.data() : page_row(pages_, table, index);
  }

  std::uint64_t row_count(TableId id) override { return pages_.table(id).count; }

  std::byte* mutable_row(TableId id, std::uint64_t index) override {
    CARNET_REQUIRE(index < kRowsMax, "a row number is below 2^48");
    Table& table = pages_.table(id);
    RowOverlay::Row* row = overlay_.find(id.value, index);
    if (row == nullptr) {
      const RowPlace place = table.place(index);
      row = add_row(table, index, place);
      if (row == nullptr) {
        return nowhere_.row();
      }
    }
    if (index >= table.count) {
      grow(table, index + 1);
    }
    return overlay_.touch(*row);
  }

  void savepoint() {
    overlay_.savepoint();
    counts_.clear();
  }

  void rollback() {
    overlay_.rollback();
    for (std::size_t i = counts_.size(); i-- > 0;) {
      counts_[i].table->count = counts_[i].before;
      counts_[i].table->count_serial = 0;
    }
    counts_.clear();
  }

  void clear() {
    overlay_.clear();
    counts_.clear();
  }

  [[nodiscard]] const RowOverlay& rows() const noexcept { return overlay_; }

 private:
  struct SavedCount {
    Table* table;
    std::uint64_t before;
  };

  RowOverlay::Row* add_row(Table& table, std::uint64_t index, const RowPlace& place) {
    Page* page = table.cache.page;
    if (table.cache.group != pages_.group() || index - table.cache.first >= table.rows_per_page) {
      page = pages_.writer_page(table, place, table.cache, StatePages::Sweeper::kWriter);
      if (page == nullptr) {
        return nullptr;
      }
    }
    page->write_group = pages_.group();
    RowOverlay::Row& row =
        overlay_.add(table.id, index, *table.directory.find(place.number), place.offset, table.row_bytes);
    std::memcpy(row.bytes, page->bytes.data() + place.offset, table.row_bytes);
    return &row;
  }

  void grow(Table& table, std::uint64_t count) {
    if (table.count_serial != overlay_.serial()) {
      table.count_serial = overlay_.serial();
      counts_.push_back({&table, table.count});
    }
    table.count = count;
  }

  StatePages& pages_;
  RowOverlay overlay_;
  std::vector<SavedCount> counts_;  // As of the savepoint; a table stands in it once a savepoint.
  Nowhere nowhere_;
};

class DirectTables final : public TableWriter {
 public:
  explicit DirectTables(StatePages& pages) : pages_(pages) {}

  const std::byte* row(TableId id, std::uint64_t index) override {
    Table& table = pages_.table(id);
    return index >= table.count ? kZeroRow.data() : page_row(pages_, table, index);
  }

  std::uint64_t row_count(TableId id) override { return pages_.table(id).count; }

  std::byte* mutable_row(TableId id, std::uint64_t index) override {
    Table& table = pages_.table(id);
    const std::uint64_t in_page = index - table.cache.first;
    if (in_page >= table.rows_per_page || table.cache.writable != pages_.group()) {
      return prepare_row(table, index);
    }
    table.count = std::max(table.count, index + 1);
    return table.cache.page->bytes.data() + in_page * table.row_bytes;
  }

 private:
  std::byte* prepare_row(Table& table, std::uint64_t index) {
    CARNET_REQUIRE(index < kRowsMax, "a row number is below 2^48");
    const RowPlace place = table.place(index);
    Page* page = pages_.writer_page(table, place, table.cache, StatePages::Sweeper::kWriter);
    if (page == nullptr) {
      return nowhere_.row();
    }
    page = pages_.prepare(table, page);
    table.cache.page = page;
    table.cache.writable = pages_.group();
    table.count = std::max(table.count, index + 1);
    return page->bytes.data() + place.offset;
  }

  StatePages& pages_;
  Nowhere nowhere_;
};

/// One of several writers: its own page in hand, and its own count of rows, in each table.
class LaneTables final : public TableWriter {
 public:
  explicit LaneTables(StatePages& pages) : pages_(pages) {}

  const std::byte* row(TableId id, std::uint64_t index) override {
    Table& table = pages_.table(id);
    Hand& hand = hand_in(id);
    const std::uint64_t in_page = index - hand.cache.first;
    if (in_page < table.rows_per_page && hand.cache.group == pages_.group()) {
      return hand.cache.page->bytes.data() + in_page * table.row_bytes;
    }
    const RowPlace place = table.place(index);
    if (index >= table.count) {
      // Beyond what was published, but another lane may have written there: then the page is in memory.
      const Slot* const slot = table.directory.find(place.number);
      if (slot == nullptr || slot->page.load(std::memory_order_acquire) == nullptr) {
        return kZeroRow.data();
      }
    }
    const Page* const page = pages_.writer_page(table, place, hand.cache, StatePages::Sweeper::kOther);
    return page == nullptr ? kZeroRow.data() : page->bytes.data() + place.offset;
  }

  std::uint64_t row_count(TableId id) override { return std::max(pages_.table(id).count, hand_in(id).count); }

  std::byte* mutable_row(TableId id, std::uint64_t index) override {
    Table& table = pages_.table(id);
    Hand& hand = hand_in(id);
    const std::uint64_t in_page = index - hand.cache.first;
    if (in_page < table.rows_per_page && hand.cache.writable == pages_.group()) {
      hand.count = std::max(hand.count, index + 1);
      return hand.cache.page->bytes.data() + in_page * table.row_bytes;
    }
    CARNET_REQUIRE(index < kRowsMax, "a row number is below 2^48");
    const RowPlace place = table.place(index);
    Page* page = pages_.writer_page(table, place, hand.cache, StatePages::Sweeper::kOther);
    if (page == nullptr) {
      return nowhere_.row();
    }
    page = pages_.prepare(table, page);
    hand.cache.page = page;
    hand.cache.writable = pages_.group();
    hand.count = std::max(hand.count, index + 1);
    return page->bytes.data() + place.offset;
  }

  /// What this lane wrote counts for all.
  void settle() {
    for (std::size_t i = 0; i < hands_.size(); ++i) {
      if (hands_[i].count > 0) {
        Table& table = pages_.table({static_cast<std::uint16_t>(pages_.first_table() + i)});
        table.count = std::max(table.count, hands_[i].count);
        hands_[i].count = 0;
      }
    }
  }

 private:
  struct Hand {
    WriterCache cache;
    std::uint64_t count = 0;
  };

  Hand& hand_in(TableId id) {
    const auto index = static_cast<std::size_t>(id.value - pages_.first_table());
    if (index >= hands_.size()) {
      hands_.resize(index + 1);
    }
    return hands_[index];
  }

  StatePages& pages_;
  std::vector<Hand> hands_;
  Nowhere nowhere_;
};

class PagedTableSet final : public TableSet {
 public:
  PagedTableSet(store::ViewsDb* views, std::uint32_t generation, const TableSetOptions& options)
      : pages_(views, generation, options), overlay_(pages_), direct_(pages_) {}

  TableId add_table(const TableSpec& spec) override {
    const TableId id{pages_.table_end()};
    pages_.add_table(id, spec);
    return id;
  }

  void add_table(TableId id, const TableSpec& spec) override { pages_.add_table(id, spec); }

  [[nodiscard]] std::vector<TableSpec> specs() const override { return pages_.specs(); }

  void attach(TableId id, const TableSpec& spec, const TableState& state) override { pages_.attach(id, spec, state); }

  void retire(TableId id) override { pages_.retire(id); }

  bool remove(TableId id) override { return pages_.remove(id); }

  TableWriter& overlay() override {
    CARNET_REQUIRE(!pages_.has_unpublished(), "direct writes are published before the overlay is used");
    return overlay_;
  }

  void savepoint() override { overlay_.savepoint(); }

  void rollback() override { overlay_.rollback(); }

  void publish(std::uint64_t position) override {
    for (const auto& lane : lanes_) {
      lane->settle();
    }
    pages_.publish(overlay_.rows(), position);
    overlay_.clear();
  }

  void discard() override {
    pages_.discard();
    overlay_.clear();
  }

  TableWriter& direct() override {
    CARNET_REQUIRE(overlay_.rows().empty(), "the overlay is published before direct writes");
    return direct_;
  }

  TableWriter& lane(std::size_t number) override {
    CARNET_REQUIRE(overlay_.rows().empty(), "the overlay is published before direct writes");
    while (number >= lanes_.size()) {
      lanes_.push_back(std::make_unique<LaneTables>(pages_));
    }
    return *lanes_[number];
  }

  std::unique_ptr<Snapshot> snapshot() override { return std::make_unique<PinnedSnapshot>(pages_); }

  [[nodiscard]] std::uint64_t position() const override { return pages_.position(); }

  std::uint64_t begin_checkpoint() override { return pages_.begin_checkpoint(); }

  Result<std::string> write_checkpoint(const PageSink& sink) override {
    // Tables do not come or go between begin and end.
    return encode_state(pages_.specs(), pages_.write_checkpoint(sink));
  }

  std::vector<TableState> write_pages(const PageSink& sink) override { return pages_.write_checkpoint(sink); }

  void end_checkpoint(bool published) override { pages_.end_checkpoint(published); }

  Status load(std::string_view state, std::uint64_t position) override {
    CARNET_TRY(const std::vector<TableState> states, decode_state(pages_.specs(), state));
    load(states, position);
    return {};
  }

  void load(std::span<const TableState> states, std::uint64_t position) override {
    pages_.load(states, position);
    overlay_.clear();
    lanes_.clear();
  }

  [[nodiscard]] Fingerprint fingerprint(TableId table) const override {
    return pages_.fingerprint(pages_.table(table));
  }

  Result<Fingerprint> recompute_fingerprint(TableId table) override {
    return pages_.recompute_fingerprint(pages_.table(table));
  }

  [[nodiscard]] std::size_t dirty_bytes() const override { return pages_.dirty_bytes(); }

  [[nodiscard]] std::size_t resident_bytes() const override { return pages_.resident_bytes(); }

  [[nodiscard]] Status status() const override { return pages_.status(); }

 private:
  mutable StatePages pages_;
  OverlayTables overlay_;
  DirectTables direct_;
  std::vector<std::unique_ptr<LaneTables>> lanes_;
};

}  // namespace

std::unique_ptr<TableSet> TableSet::make(store::ViewsDb* views, std::uint32_t generation,
                                         const TableSetOptions& options) {
  return std::make_unique<PagedTableSet>(views, generation, options);
}

}  // namespace carnet::project
