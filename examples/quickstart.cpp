// SPDX-License-Identifier: Apache-2.0
//
// The quick start of the README: open, append, read. The tests run it and hold the README's text equal to it.
#include <carnet/rental/domain.hpp>
#include <carnet/schema/rental.capnp.h>
#include <carnet/typed.hpp>

#include <iostream>

int main(int argc, char** argv) {
  using namespace carnet;
  const Timestamp now = system_clock()->now();
  const Timestamp at{1'767'603'600 * kNsPerSecond};  // 2026-01-05T09:00:00Z
  // [quickstart]
  OpenOptions create;
  create.if_missing = IfMissing::kCreate;
  auto opened = open_rental_ledger(argc > 1 ? argv[1] : "my.ledger", create, {.now = now, .go_live_at = now});
  if (!opened)
    return std::cerr << opened.error().to_line() << '\n', 1;

  Request request;
  request.command = "handover-R1";  // resend it as often as you like: it lands once
  request.basis = Basis::kReport;
  request.source = Source{"telematics", 1};
  request.actor = {"gateway-7", ActorKind::kSystem, "integration"};
  request.channel = "system";
  request.expect = {{"rental/R1", 0}};  // the stream must be new
  request.events = {
      make_event<schema::VehicleHandedOver>("rental/R1", at, [&](schema::VehicleHandedOver::Builder event) {
        event.setContractId("R1"), event.setVehicleId("V1"), event.setAt(at.ns), event.setAttended(true);
      })};
  auto outcome = opened->ledger->append(request);
  // [/quickstart]
  if (!outcome) {
    return std::cerr << outcome.error().to_line() << '\n', 1;
  }
  if (const auto* refusal = std::get_if<Refusal>(&*outcome)) {
    return std::cerr << refusal->error << ": " << refusal->message << '\n', 1;
  }
  auto view = opened->ledger->view();
  if (!view) {
    return std::cerr << view.error().to_line() << '\n', 1;
  }
  QueryItem of_vehicle;
  of_vehicle.tags = {"vehicle/V1"};
  auto cursor = (*view)->read({{of_vehicle}}, {});
  while (cursor) {
    auto event = (*cursor)->next();
    if (!event || *event == nullptr) {
      break;
    }
    std::cout << (*event)->position << ' ' << (*event)->type << ' ' << (*event)->stream << '\n';
  }
  return 0;
}
