// SPDX-License-Identifier: Apache-2.0
//
// A host's own event family and its own projection: all that Carnet asks of one.
#pragma once

#include "garage.capnp.h"

#include <carnet/domain.hpp>
#include <carnet/typed.hpp>

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace garage {

/// One row a car: how often and how long it was washed.
struct WashRow {
  std::uint64_t washes = 0;
  std::uint64_t minutes = 0;
};

/// Follows the log in the background. Rows are sums, so the order of events does not matter; a car's events are its own
/// shard, so a rebuild may use all cores.
class Washes final : public carnet::Projection {
 public:
  std::string_view name() const override { return "garage.washes"; }

  std::uint32_t version() const override { return 1; }

  carnet::ProjectionMode mode() const override { return carnet::ProjectionMode::kCatchUp; }

  std::span<const carnet::TableSpec> tables() const override { return tables_; }

  bool reads(std::uint16_t type) const override { return type == 0; }

  bool is_sharded() const override { return true; }

  carnet::Shard shard(const carnet::AppliedEvent& event) const override {
    return carnet::Shard::of(event.stream().member);
  }

  bool commutes() const override { return true; }

  void apply(const carnet::AppliedEvent& event, const carnet::AppliedEvent* /*original*/, carnet::TableId first,
             carnet::TableWriter& tables) const override {
    auto row = tables.get<WashRow>(first, event.stream().member);
    row.washes += 1;
    row.minutes += carnet::payload_as<CarWashed>(event.payload).getMinutes();
    tables.put(first, event.stream().member, row);
  }

 private:
  std::array<carnet::TableSpec, 1> tables_{{{"garage.washes", sizeof(WashRow)}}};
};

/// One event type, no transfers, one rule: a wash takes time.
class Garage final : public carnet::Domain {
 public:
  Garage() { projections_.push_back(std::make_unique<Washes>()); }

  std::string_view name() const override { return "garage"; }

  std::span<const carnet::EventTypeSpec> event_types() const override { return types_; }

  std::span<const carnet::TagRule> tag_rules() const override { return {}; }

  std::span<const std::string_view> symbols() const override { return {}; }

  std::span<const std::unique_ptr<carnet::Projection>> projections() const override { return projections_; }

  std::optional<carnet::Refusal> decide(carnet::DecideContext& context) const override {
    if (context.type_name() == "CarWashed" &&
        carnet::payload_as<CarWashed>(context.event().payload).getMinutes() == 0) {
      return context.refuse("G-1", "NoTimeAtAll", "a wash takes at least a minute: state its minutes");
    }
    return std::nullopt;
  }

 private:
  std::array<carnet::EventTypeSpec, 1> types_{carnet::event_type<CarWashed>()};
  std::vector<std::unique_ptr<carnet::Projection>> projections_;
};

inline carnet::Request wash(const std::string& command, const std::string& car, std::uint32_t minutes,
                            carnet::Timestamp at) {
  carnet::Request request;
  request.command = command;
  request.actor = {"washer-1", carnet::ActorKind::kStaff, "mechanic"};
  request.channel = "system";
  request.versions = carnet::VersionPolicy::kAny;
  request.events = {carnet::make_event<CarWashed>("car/" + car, at, [&](CarWashed::Builder event) {
    event.setCarId(car);
    event.setMinutes(minutes);
  })};
  return request;
}

}  // namespace garage
