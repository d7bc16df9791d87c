// SPDX-License-Identifier: Apache-2.0
//
// A host application of another trade: its own event type, its own rule (a repair costs the workshop's account), one
// commit, read back after the ledger was closed and opened again. Exits with 0 when all of that holds.
#include "workshop.capnp.h"

#include <carnet/clock.hpp>
#include <carnet/domain.hpp>
#include <carnet/ledger.hpp>
#include <carnet/typed.hpp>

#include <array>
#include <cstdio>
#include <memory>
#include <string>

namespace {

constexpr std::array<std::string_view, 3> kSymbols{"W-1", "E1", "L1"};
constexpr carnet::Symbol kRule = 0;

class WorkshopDomain final : public carnet::Domain {
 public:
  std::string_view name() const override { return "workshop"; }

  std::span<const carnet::EventTypeSpec> event_types() const override { return types_; }

  std::span<const carnet::TagRule> tag_rules() const override { return tags_; }

  std::span<const std::string_view> symbols() const override { return kSymbols; }

  std::span<const std::unique_ptr<carnet::Projection>> projections() const override { return {}; }

  std::optional<carnet::Refusal> decide(carnet::DecideContext& context) const override {
    if (context.type_name() != "RepairDone") {
      return std::nullopt;
    }
    const auto repair = carnet::payload_as<workshop::RepairDone>(context.event().payload);
    const carnet::Money cost = carnet::to_money(repair.getCost());
    if (cost.minor <= 0) {
      return context.refuse("W-1", "CostNotPositive", "a repair costs more than nothing: state its cost");
    }
    return context.transfer({.path = "expense/repair", .chart = 1, .normal = carnet::NormalSide::kDebit},
                            {.path = "liability/workshop", .chart = 2, .normal = carnet::NormalSide::kCredit}, cost,
                            carnet::Phase::kPosted, kRule);
  }

 private:
  std::array<carnet::EventTypeSpec, 1> types_{carnet::event_type<workshop::RepairDone>()};
  std::array<carnet::TagRule, 1> tags_{{{.field = "vehicleId", .family = "vehicle", .when_field = {}}}};
};

carnet::Request repair(std::string_view id, std::int64_t cost) {
  carnet::Request request;
  request.command = "repair:" + std::string(id);
  request.actor = {"mechanic-1", carnet::ActorKind::kStaff, "mechanic"};
  request.channel = "system";
  request.versions = carnet::VersionPolicy::kAny;
  const auto now = carnet::system_clock()->now();
  request.events.push_back(carnet::make_event<workshop::RepairDone>("repair/" + std::string(id), now, [&](auto event) {
    event.setRepairId(std::string(id));
    event.setVehicleId("V1");
    carnet::set_money(event.initCost(), {cost, *carnet::Currency::parse("EUR")});
  }));
  return request;
}

int fail(const std::string& why) {
  std::fprintf(stderr, "workshop: %s\n", why.c_str());
  return 1;
}

int run(const char* folder) {
  const WorkshopDomain domain;
  carnet::OpenOptions options;
  options.if_missing = carnet::IfMissing::kCreate;
  carnet::Receipt receipt;
  {
    auto opened = carnet::Ledger::open(folder, &domain, options);
    if (!opened) {
      return fail(opened.error().to_line());
    }
    auto outcome = opened->ledger->append(repair("P1", 12'345));
    if (!outcome) {
      return fail(outcome.error().to_line());
    }
    if (const auto* refusal = std::get_if<carnet::Refusal>(&*outcome)) {
      return fail(refusal->error + ": " + refusal->message);
    }
    receipt = std::get<carnet::Receipt>(*outcome);
    auto refused = opened->ledger->append(repair("P2", 0));
    if (!refused || !std::holds_alternative<carnet::Refusal>(*refused)) {
      return fail("a repair without cost was taken");
    }
    if (auto closed = opened->ledger->close(); !closed) {
      return fail(closed.error().to_line());
    }
  }
  options.if_missing = carnet::IfMissing::kFail;
  options.read_only = true;
  auto opened = carnet::Ledger::open(folder, &domain, options);
  if (!opened) {
    return fail(opened.error().to_line());
  }
  auto view = opened->ledger->view();
  if (!view) {
    return fail(view.error().to_line());
  }
  carnet::Query query;
  query.any.push_back({.stream = {}, .tags = {"vehicle/V1"}, .types = {}});
  auto cursor = (*view)->read(query, {});
  if (!cursor) {
    return fail(cursor.error().to_line());
  }
  auto event = (*cursor)->next();
  if (!event || *event == nullptr || (*event)->position != receipt.first_position) {
    return fail("the repair is not there");
  }
  const auto read = carnet::payload_as<workshop::RepairDone>((*event)->payload);
  const auto account = (*view)->account("expense/repair", *carnet::Currency::parse("EUR"));
  if (read.getCost().getMinor() != 12'345 || !account || !*account || (**account).balance.posted_debits != 12'345) {
    return fail("the repair does not say what it said");
  }
  std::printf("workshop: position %llu, %s\n", static_cast<unsigned long long>((*event)->position),
              carnet::to_text(carnet::Money{12'345, *carnet::Currency::parse("EUR")}).c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return argc == 2 ? run(argv[1]) : fail("usage: workshop FOLDER");
}
