// SPDX-License-Identifier: Apache-2.0
//
// A host's own events and its own projection (garage/garage.hpp): append, wait until the projection has them, read.
#include "garage/garage.hpp"

#include <carnet/ledger.hpp>

#include <iostream>

namespace {

int fail(const std::string& why) {
  std::cerr << why << '\n';
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace carnet;
  const garage::Garage domain;
  OpenOptions options;
  options.if_missing = IfMissing::kCreate;
  auto opened = Ledger::open(argc > 1 ? argv[1] : "garage.ledger", &domain, options);
  if (!opened) {
    return fail(opened.error().to_line());
  }
  Ledger& ledger = *opened->ledger;
  const Timestamp at{1'767'603'600 * kNsPerSecond};  // part of the request: sent again, it lands once
  const std::vector<Request> requests{garage::wash("w1", "blue", 12, at), garage::wash("w2", "red", 20, at),
                                      garage::wash("w3", "blue", 15, at), garage::wash("w4", "red", 0, at)};
  for (const auto& outcome : ledger.append_batch(requests)) {
    if (!outcome) {
      return fail(outcome.error().to_line());
    }
    if (const auto* refusal = std::get_if<Refusal>(&*outcome)) {
      std::cout << "refused: " << refusal->error << '\n';
    }
  }
  if (auto ready = ledger.wait_for("garage.washes", ledger.head().position, std::chrono::seconds(10)); !ready) {
    return fail(ready.error().to_line());
  }
  auto view = ledger.view();
  if (!view) {
    return fail(view.error().to_line());
  }
  const TableId table = (*view)->table("garage.washes");
  for (std::uint32_t car = 0; car < (*view)->member_count(ChainKind::kStream, "car"); ++car) {
    const auto name = (*view)->member_name(ChainKind::kStream, "car", car);
    if (!name) {
      return fail(name.error().to_line());
    }
    const auto row = (*view)->tables().get<garage::WashRow>(table, car);
    std::cout << *name << ": " << row.washes << " washes, " << row.minutes << " minutes\n";
  }
  return 0;
}
