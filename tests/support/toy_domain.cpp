// SPDX-License-Identifier: Apache-2.0
#include "support/toy_domain.hpp"

#include <carnet/typed.hpp>

#include <array>
#include <toy.capnp.h>

namespace toy {

using namespace carnet;

namespace {

enum Type : std::uint16_t { kBoxOpened, kCoinsMoved, kBoxShut, kNoteTaken };

enum Sym : Symbol { kPool, kBox, kMove, kHoldRule };

constexpr std::array<std::string_view, 4> kSymbols{"POOL", "BOX", "T-01", "T-02"};

constexpr std::array<TagRule, 3> kTags{{
    {.field = "boxId", .family = "box", .marked = false, .when_field = {}, .when_values = {}, .row = 1},
    {.field = "owner", .family = "account", .marked = false, .when_field = {}, .when_values = {}, .row = 2},
    {.field = "partner", .family = "partner", .marked = false, .when_field = {}, .when_values = {}, .row = 3},
}};

class Boxes final : public Projection {
 public:
  explicit Boxes(std::uint32_t version) : version_(version) {}

  std::string_view name() const override { return "toy.boxes"; }

  std::uint32_t version() const override { return version_; }

  std::span<const TableSpec> tables() const override { return tables_; }

  void apply(const AppliedEvent& event, const AppliedEvent* /*original*/, TableId first,
             TableWriter& rows) const override {
    if (event.type > kBoxShut) {
      return;
    }
    auto row = rows.get<BoxRow>(first, event.stream().member);
    const bool reversal = event.corrects.kind == CorrectionKind::kReversal;
    const std::int64_t sign = reversal ? -1 : 1;
    if (event.type == kBoxOpened) {
      row.state = reversal ? 0 : 1;
    } else if (event.type == kBoxShut) {
      row.state = reversal ? 1 : 2;
    } else {
      const auto payload = payload_as<schema::CoinsMoved>(event.payload);
      row.moves += 1;
      if (payload.getHow() == schema::CoinsMoved::How::PUT_IN) {
        row.net += sign * payload.getAmount().getMinor();
      } else if (payload.getHow() == schema::CoinsMoved::How::TAKE_OUT) {
        row.net -= sign * payload.getAmount().getMinor();
      }
    }
    rows.put(first, event.stream().member, row);
  }

 private:
  std::uint32_t version_;
  std::vector<TableSpec> tables_{{"toy.boxes", sizeof(BoxRow)}};
};

/// Counts events by UTC hour of occurrence: a table that many events share.
class Hours final : public Projection {
 public:
  std::string_view name() const override { return "toy.hours"; }

  std::uint32_t version() const override { return 1; }

  std::span<const TableSpec> tables() const override { return tables_; }

  void apply(const AppliedEvent& event, const AppliedEvent* /*original*/, TableId first,
             TableWriter& rows) const override {
    const auto hour = static_cast<std::uint64_t>(event.occurred_at.ns / (3600 * kNsPerSecond)) % 24;
    auto count = rows.get<std::uint64_t>(first, hour);
    rows.put(first, hour, count + 1);
  }

 private:
  std::vector<TableSpec> tables_{{"toy.hours", sizeof(std::uint64_t)}};
};

class ToyDomain final : public Domain {
 public:
  explicit ToyDomain(std::uint32_t version) {
    types_ = {event_type<schema::BoxOpened>(), event_type<schema::CoinsMoved>(), event_type<schema::BoxShut>(),
              event_type<schema::NoteTaken>()};
    projections_.push_back(std::make_unique<Boxes>(version));
    projections_.push_back(std::make_unique<Hours>());
  }

  std::string_view name() const override { return "toy"; }

  std::span<const EventTypeSpec> event_types() const override { return types_; }

  std::span<const TagRule> tag_rules() const override { return kTags; }

  std::span<const std::string_view> symbols() const override { return kSymbols; }

  std::span<const std::unique_ptr<Projection>> projections() const override { return projections_; }

  std::optional<Refusal> decide(DecideContext& context) const override {
    const AppliedEvent& event = context.event();
    const auto box = context.tables().get<BoxRow>(context.table("toy.boxes"), event.stream().member);
    if (event.corrects.kind == CorrectionKind::kReversal) {
      return reverse(context);
    }
    switch (event.type) {
      case kBoxOpened:
        return box.state == 0 ? std::nullopt : refuse(context, "BoxIsThere");
      case kBoxShut: {
        context.due("O-T1", context.stream_name(), {event.occurred_at.ns + kNsPerSecond * 86'400});
        return box.state == 1 ? std::nullopt : refuse(context, "BoxNotOpen");
      }
      case kCoinsMoved:
        return move(context, box);
      default:
        return std::nullopt;
    }
  }

 private:
  static std::optional<Refusal> refuse(DecideContext& context, std::string_view error) {
    return context.refuse("T-1", error, "the state of the box does not allow it");
  }

  static std::optional<Refusal> move(DecideContext& context, const BoxRow& box) {
    if (box.state != 1) {
      if (context.commit().basis == Basis::kDecision) {
        return refuse(context, "BoxNotOpen");
      }
      context.finding("BoxNotOpen", Severity::kBreach, "", {});
    }
    const auto payload = payload_as<schema::CoinsMoved>(context.event().payload);
    const std::string path = "box/" + std::string(context.stream_name());
    const AccountSpec in_box{path, kBox, NormalSide::kCredit, AccountLimit::kDebitsWithinCredits};
    const AccountSpec pool{"pool", kPool, NormalSide::kDebit, AccountLimit::kNone};
    const Money amount = to_money(payload.getAmount());
    using schema::CoinsMoved;
    switch (payload.getHow()) {
      case CoinsMoved::How::PUT_IN:
        return context.transfer(pool, in_box, amount, Phase::kPosted, kMove);
      case CoinsMoved::How::TAKE_OUT:
        return context.transfer(in_box, pool, amount, Phase::kPosted, kMove);
      case CoinsMoved::How::HOLD:
        return context.transfer(in_box, pool, amount, Phase::kPending, kHoldRule);
      default:
        return context.transfer(in_box, pool, amount, Phase::kVoided, kHoldRule);
    }
  }

  static std::optional<Refusal> reverse(DecideContext& context) {
    const auto transfers = context.original()->transfers;
    const std::vector<AppliedTransfer> copies(transfers.begin(), transfers.end());
    for (auto it = copies.rbegin(); it != copies.rend(); ++it) {
      if (auto refusal = context.mirror(*it)) {
        return refusal;
      }
    }
    return std::nullopt;
  }

  std::vector<EventTypeSpec> types_;
  std::vector<std::unique_ptr<Projection>> projections_;
};

std::string stream_of(std::string_view family, std::string_view id) {
  return std::string(family) + "/" + std::string(id);
}

}  // namespace

const Domain& toy_domain() {
  static const ToyDomain domain(1);
  return domain;
}

const Domain& toy_domain_version_2() {
  static const ToyDomain domain(2);
  return domain;
}

EventDraft box_opened(std::string_view box, std::string_view label, std::string_view owner) {
  return make_event<schema::BoxOpened>(stream_of("box", box), kNoon, [&](schema::BoxOpened::Builder payload) {
    payload.setBoxId(std::string(box));
    payload.setLabel(std::string(label));
    if (!owner.empty()) {
      payload.setOwner(std::string(owner));
    }
  });
}

EventDraft coins_moved(std::string_view box, How how, std::int64_t minor, std::string_view partner,
                       std::string_view memo) {
  return make_event<schema::CoinsMoved>(stream_of("box", box), kNoon, [&](schema::CoinsMoved::Builder payload) {
    payload.setBoxId(std::string(box));
    payload.setHow(static_cast<schema::CoinsMoved::How>(how));
    set_money(payload.initAmount(), {minor, *Currency::parse("EUR")});
    if (!partner.empty()) {
      payload.setPartner(std::string(partner));
    }
    if (!memo.empty()) {
      payload.setMemo(std::string(memo));
    }
  });
}

EventDraft box_shut(std::string_view box) {
  return make_event<schema::BoxShut>(stream_of("box", box), kNoon,
                                     [&](schema::BoxShut::Builder payload) { payload.setBoxId(std::string(box)); });
}

EventDraft note_taken(std::string_view account, std::string_view plaintext) {
  auto draft =
      make_event<schema::NoteTaken>(stream_of("note", account), kNoon, [&](schema::NoteTaken::Builder payload) {
        payload.setAccountId(std::string(account));
        payload.setAbout("something");
      });
  draft.personal.push_back({"note", std::string(plaintext)});
  return draft;
}

Request request(std::string command, std::vector<EventDraft> events) {
  Request out;
  out.command = std::move(command);
  out.actor = {"tester", ActorKind::kStaff, "operations"};
  out.channel = "test";
  out.versions = VersionPolicy::kAny;
  out.events = std::move(events);
  return out;
}

}  // namespace toy
