// SPDX-License-Identifier: Apache-2.0
//
// The closure of a schema: the node of a struct and every node it reaches, in one message that stands alone for
// decades. Made of compiled schemas or of a closure that was stored.
#pragma once

#include "codec/wire.hpp"

#include <carnet/domain.hpp>
#include <carnet/result.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace carnet::codec {

/// What is wrong with a schema: kInvalidArgument `SchemaNotSupported` {type, field?, reason}.
[[nodiscard]] Error schema_not_supported(std::string_view type, std::string_view field, std::string_view reason);

struct Closure {
  /// A message of log.capnp:SchemaClosure in canonical form: the nodes of the root and of all that it reaches through
  /// fields, groups and annotations, sorted by id. Of a node is left out what does not describe data or depends on
  /// the machine: the file in front of its display name (`core.capnp:Money` is `Money`), the list of nested
  /// declarations, and annotations whose declaration is not in the closure (they address code generators). So the
  /// same schema gives the same bytes wherever it was compiled.
  wire::Words words;
  std::uint64_t root = 0;
};

/// Closure of what `schema` names. `type` is for the error.
/// Errors: kInvalidArgument `SchemaNotSupported` when the words are no closure or a node is missing.
[[nodiscard]] Result<Closure> make_closure(std::string_view type, const SchemaHandle& schema);

/// One closure over several compiled structs (capnp::_::RawSchema).
[[nodiscard]] Result<Closure> make_closure(std::string_view type, std::span<const void* const> compiled);

}  // namespace carnet::codec
