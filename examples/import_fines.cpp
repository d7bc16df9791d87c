// SPDX-License-Identifier: Apache-2.0
//
// import_fines LEDGER FILE.csv[.gz]: the road-traffic-fines set as traffic violations with their payments, appeals and
// collection, on basis history (DOMAIN.md §10). A row is one commit. What a row means can depend on the rows of its
// fine before it: the file is read from its beginning each time, also where rows landed earlier, so a killed run goes
// on as if it had never stopped.
#include "fines_rows.hpp"
#include "support/import_host.hpp"

#include <utility>

int main(int argc, char** argv) {
  example::ImportHost host(example::kFinesFeed);
  if (const auto ended = host.start(argc, argv)) {
    return *ended;
  }
  example::FineRows rows(host);
  while (host.next_row()) {
    rows.import_row();
  }
  return host.finish();
}
