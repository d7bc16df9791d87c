// SPDX-License-Identifier: Apache-2.0
#include "support/toy_projections.hpp"

#include <carnet/typed.hpp>

#include <stdexcept>
#include <string>
#include <toy.capnp.h>
#include <vector>

namespace toy {

using namespace carnet;

namespace {

class HostProjection : public Projection {
 public:
  HostProjection(std::string name, std::uint32_t version, ProjectionMode mode, std::vector<TableSpec> tables)
      : name_(std::move(name)), version_(version), mode_(mode), tables_(std::move(tables)) {}

  std::string_view name() const override { return name_; }

  std::uint32_t version() const override { return version_; }

  ProjectionMode mode() const override { return mode_; }

  std::span<const TableSpec> tables() const override { return tables_; }

 private:
  std::string name_;
  std::uint32_t version_;
  ProjectionMode mode_;
  std::vector<TableSpec> tables_;
};

/// What an event says, and the corrections of it, newest first.
struct SaidRow {
  std::int64_t delta = 0;
  std::uint64_t target = 0;  ///< Position that it corrects; 0: none.
  std::uint64_t kind = 0;    ///< CorrectionKind, plus 1: 0 is no row.
  std::uint64_t newest = 0;
  std::uint64_t next = 0;
  std::uint64_t box = 0;
};

class Sums final : public HostProjection {
 public:
  Sums(ProjectionMode mode, std::uint32_t version)
      : HostProjection("test.sums", version, mode,
                       {{"test.sums", sizeof(SumRow)}, {"test.sums.events", sizeof(SaidRow)}}) {}

  bool reads(std::uint16_t type) const override { return type == kCoinsMovedType; }

  void apply(const AppliedEvent& event, const AppliedEvent* /*original*/, TableId first,
             TableWriter& rows) const override {
    if (event.type != kCoinsMovedType) {
      return;
    }
    const TableId events{static_cast<std::uint16_t>(first.value + 1)};
    std::uint64_t root = event.position;
    for (std::uint64_t target = event.corrects.position; target != 0;) {
      root = target;
      target = rows.get<SaidRow>(events, target).target;
    }
    const SumRow before = event.corrects.position == 0 ? SumRow{} : effect(rows, events, root);
    SaidRow said;
    said.delta = delta_of(event);
    said.target = event.corrects.position;
    said.kind = static_cast<std::uint64_t>(event.corrects.kind) + 1;
    said.box = event.stream().member;
    if (said.target != 0) {
      auto target = rows.get<SaidRow>(events, said.target);
      said.next = target.newest;
      target.newest = event.position;
      rows.put(events, said.target, target);
    }
    rows.put(events, event.position, said);
    const SumRow after = effect(rows, events, root);
    auto sum = rows.get<SumRow>(first, said.box);
    sum.count += after.count - before.count;
    sum.net += after.net - before.net;
    rows.put(first, said.box, sum);
  }

 private:
  static bool is_removed(TableReader& rows, TableId events, std::uint64_t position) {
    for (std::uint64_t next = rows.get<SaidRow>(events, position).newest; next != 0;) {
      const auto row = rows.get<SaidRow>(events, next);
      if (row.kind == 3 && !is_removed(rows, events, next)) {
        return true;
      }
      next = row.next;
    }
    return false;
  }

  static void find_last(TableReader& rows, TableId events, std::uint64_t position, std::uint64_t& last) {
    for (std::uint64_t next = rows.get<SaidRow>(events, position).newest; next != 0;) {
      const auto row = rows.get<SaidRow>(events, next);
      if (row.kind == 2 && !is_removed(rows, events, next)) {
        last = std::max(last, next);
        find_last(rows, events, next, last);
      }
      next = row.next;
    }
  }

  static SumRow effect(TableReader& rows, TableId events, std::uint64_t root) {
    if (is_removed(rows, events, root)) {
      return {};
    }
    std::uint64_t last = root;
    find_last(rows, events, root, last);
    return {1, rows.get<SaidRow>(events, last).delta};
  }
};

class Pairs final : public HostProjection {
 public:
  explicit Pairs(ProjectionMode mode) : HostProjection("test.pairs", 1, mode, {{"test.pairs", sizeof(PairRow)}}) {}

  bool is_sharded() const override { return true; }

  Shard shard(const AppliedEvent& event) const override {
    Shard shard = Shard::none();
    for (const ChainRef& chain : event.chains) {
      if (is_box(event, chain)) {
        shard = shard.kind == Shard::Kind::kNone ? Shard::of(chain.member) : Shard::all();
      }
    }
    return shard;
  }

  void apply(const AppliedEvent& event, const AppliedEvent* /*original*/, TableId first,
             TableWriter& rows) const override {
    std::uint64_t mixed = event.position;
    for (const ChainRef& chain : event.chains) {
      if (is_box(event, chain)) {
        mixed = (mixed ^ rows.get<PairRow>(first, chain.member).digest) * 0x9e3779b97f4a7c15ULL;
      }
    }
    for (const ChainRef& chain : event.chains) {
      if (is_box(event, chain)) {
        const auto row = rows.get<PairRow>(first, chain.member);
        rows.put(first, chain.member, PairRow{row.count + 1, mixed});
      }
    }
  }

 private:
  /// Tags of the stream's own family.
  static bool is_box(const AppliedEvent& event, const ChainRef& chain) {
    return chain.kind == ChainKind::kTag && chain.family == event.stream().family && event.type <= kCoinsMovedType;
  }
};

class Counts final : public HostProjection {
 public:
  Counts(ProjectionMode mode, bool lies)
      : HostProjection("test.counts", 1, mode, {{"test.counts", sizeof(std::uint64_t)}}), lies_(lies) {}

  bool commutes() const override { return true; }

  void apply(const AppliedEvent& event, const AppliedEvent* /*original*/, TableId first,
             TableWriter& rows) const override {
    const std::uint64_t row = event.type == kForeignType ? 1000 : event.type;
    const auto count = rows.get<std::uint64_t>(first, row);
    rows.put(first, row, lies_ ? std::max(count, event.position) : count + 1);
  }

 private:
  bool lies_;
};

class Choosy final : public HostProjection {
 public:
  explicit Choosy(std::shared_ptr<std::atomic<std::int64_t>> poison)
      : HostProjection("test.choosy", 1, ProjectionMode::kCatchUp, {{"test.choosy", sizeof(std::uint64_t)}}),
        poison_(std::move(poison)) {}

  void apply(const AppliedEvent& event, const AppliedEvent* /*original*/, TableId first,
             TableWriter& rows) const override {
    const auto count = rows.get<std::uint64_t>(first, 0);
    rows.put(first, 0, count + 1);
    if (event.type == kCoinsMovedType &&
        payload_as<schema::CoinsMoved>(event.payload).getAmount().getMinor() == poison_->load()) {
      throw std::runtime_error("coins of this kind were never heard of");
    }
  }

 private:
  std::shared_ptr<std::atomic<std::int64_t>> poison_;
};

}  // namespace

std::int64_t delta_of(const AppliedEvent& event) {
  const auto payload = payload_as<schema::CoinsMoved>(event.payload);
  switch (payload.getHow()) {
    case schema::CoinsMoved::How::PUT_IN:
      return payload.getAmount().getMinor();
    case schema::CoinsMoved::How::TAKE_OUT:
      return -payload.getAmount().getMinor();
    default:
      return 0;
  }
}

std::shared_ptr<const Projection> sums(ProjectionMode mode, std::uint32_t version) {
  return std::make_shared<Sums>(mode, version);
}

std::shared_ptr<const Projection> pairs(ProjectionMode mode) {
  return std::make_shared<Pairs>(mode);
}

std::shared_ptr<const Projection> counts(ProjectionMode mode, bool lies) {
  return std::make_shared<Counts>(mode, lies);
}

std::shared_ptr<const Projection> choosy(std::shared_ptr<std::atomic<std::int64_t>> poison) {
  return std::make_shared<Choosy>(std::move(poison));
}

}  // namespace toy
