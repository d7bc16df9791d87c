// SPDX-License-Identifier: Apache-2.0
//
// Collecting nodes from compiled schemas or stored words, following what they reach, and copying that into one
// canonical message. Cap'n Proto's exceptions end here.
#include "codec/closure.hpp"

#include "codec/payload_type.hpp"

#include <carnet/schema/core.capnp.h>
#include <carnet/schema/log.capnp.h>

#include <capnp/message.h>
#include <capnp/raw-schema.h>
#include <capnp/schema.capnp.h>
#include <capnp/schema.h>
#include <capnp/serialize.h>
#include <fmt/format.h>
#include <kj/exception.h>

#include <map>
#include <optional>
#include <set>
#include <vector>

namespace carnet::codec {
namespace {

using capnp::schema::Annotation;
using capnp::schema::Node;
using capnp::schema::Type;
using NodeMap = std::map<std::uint64_t, Node::Reader>;

void collect(const capnp::_::RawSchema* raw, NodeMap& nodes) {
  if (!nodes.emplace(raw->id, capnp::readMessageUnchecked<Node>(raw->encodedNode)).second) {
    return;
  }
  for (std::uint32_t i = 0; i < raw->dependencyCount; ++i) {
    collect(raw->dependencies[i], nodes);
  }
}

// Compiled schemas do not name the declarations of the annotations they use: these are ours, so we know them.
void collect_annotations(NodeMap& nodes) {
  namespace s = capnp::schemas;
  for (const capnp::_::RawSchema* raw :
       {&s::s_b5a0b9e2b3f4c901, &s::s_b5a0b9e2b3f4c902, &s::s_b5a0b9e2b3f4c903, &s::s_b5a0b9e2b3f4c904,
        &s::s_b5a0b9e2b3f4c905, &s::s_b5a0b9e2b3f4c910, &s::s_b5a0b9e2b3f4c911, &s::s_b5a0b9e2b3f4c912,
        &s::s_b5a0b9e2b3f4c913, &s::s_b5a0b9e2b3f4c914, &s::s_b5a0b9e2b3f4c915, &s::s_b5a0b9e2b3f4c916,
        &s::s_b5a0b9e2b3f4c917, &s::s_b5a0b9e2b3f4c918, &s::s_b5a0b9e2b3f4c919, &s::s_b5a0b9e2b3f4c91a,
        &s::s_b5a0b9e2b3f4c91b, &s::s_b5a0b9e2b3f4c91c, &s::s_b5a0b9e2b3f4c91d}) {
    collect(raw, nodes);
  }
}

/// Follows nodes from a root; every one that is reached and known.
class Reach {
 public:
  explicit Reach(const NodeMap& nodes) : nodes_(nodes) {}

  void visit(std::uint64_t id) {
    const auto found = nodes_.find(id);
    if (found == nodes_.end()) {
      is_whole_ = false;
      return;
    }
    if (!reached_.insert(id).second) {
      return;
    }
    const Node::Reader node = found->second;
    visit(node.getAnnotations());
    switch (node.which()) {
      case Node::STRUCT:
        for (const auto field : node.getStruct().getFields()) {
          visit(field.getAnnotations());
          if (field.isGroup()) {
            visit(field.getGroup().getTypeId());
          } else {
            visit(field.getSlot().getType());
          }
        }
        break;
      case Node::ENUM:
        for (const auto enumerant : node.getEnum().getEnumerants()) {
          visit(enumerant.getAnnotations());
        }
        break;
      case Node::ANNOTATION:
        visit(node.getAnnotation().getType());
        break;
      default:
        break;
    }
  }

  [[nodiscard]] const std::set<std::uint64_t>& reached() const noexcept { return reached_; }

  [[nodiscard]] bool is_whole() const noexcept { return is_whole_; }

 private:
  void visit(Type::Reader type) {
    switch (type.which()) {
      case Type::STRUCT:
        visit(type.getStruct().getTypeId());
        break;
      case Type::ENUM:
        visit(type.getEnum().getTypeId());
        break;
      case Type::LIST:
        visit(type.getList().getElementType());
        break;
      default:
        break;
    }
  }

  void visit(capnp::List<Annotation>::Reader annotations) {
    for (const auto annotation : annotations) {
      if (nodes_.contains(annotation.getId())) {
        visit(annotation.getId());
      }
    }
  }

  const NodeMap& nodes_;
  std::set<std::uint64_t> reached_;
  bool is_whole_ = true;
};

// Annotations of `from` whose declarations are kept, in their order.
template <class Builder>
void keep_annotations(capnp::List<Annotation>::Reader from, const std::set<std::uint64_t>& kept, Builder to) {
  unsigned count = 0;
  for (const auto annotation : from) {
    count += kept.contains(annotation.getId()) ? 1U : 0U;
  }
  to.disownAnnotations();
  if (count == 0) {
    return;
  }
  auto annotations = to.initAnnotations(count);
  unsigned next = 0;
  for (const auto annotation : from) {
    if (kept.contains(annotation.getId())) {
      annotations.setWithCaveats(next++, annotation);
    }
  }
}

void keep_what_describes_data(Node::Reader from, const std::set<std::uint64_t>& kept, Node::Builder to) {
  const std::string_view name(from.getDisplayName().begin(), from.getDisplayName().size());
  const std::size_t file = name.rfind(':') == std::string_view::npos ? 0 : name.rfind(':') + 1;
  to.setDisplayName(capnp::Text::Reader(name.data() + file, name.size() - file));
  const std::uint32_t prefix = from.getDisplayNamePrefixLength();
  to.setDisplayNamePrefixLength(prefix > file ? prefix - static_cast<std::uint32_t>(file) : 0);
  to.disownNestedNodes();
  keep_annotations(from.getAnnotations(), kept, to);
  if (from.isStruct()) {
    auto fields = to.getStruct().getFields();
    for (unsigned i = 0; i < fields.size(); ++i) {
      keep_annotations(from.getStruct().getFields()[i].getAnnotations(), kept, fields[i]);
    }
  } else if (from.isEnum()) {
    auto enumerants = to.getEnum().getEnumerants();
    for (unsigned i = 0; i < enumerants.size(); ++i) {
      keep_annotations(from.getEnum().getEnumerants()[i].getAnnotations(), kept, enumerants[i]);
    }
  }
}

wire::Words words_of(capnp::MessageBuilder& builder) {
  // Canonicalizing needs one segment; the library may have used several.
  const auto reader = builder.getRoot<capnp::AnyPointer>().asReader();
  const std::size_t words = reader.targetSize().wordCount + 1;
  capnp::MallocMessageBuilder flat(static_cast<unsigned>(words + 1), capnp::AllocationStrategy::FIXED_SIZE);
  flat.setRoot(reader);
  const auto segment = flat.getSegmentsForOutput()[0];
  wire::Words copy(segment.size());
  std::memcpy(copy.data(), segment.begin(), copy.size() * wire::kWordBytes);
  wire::Words canonical(1);
  if (wire::validate(copy)) {
    wire::copy_canonical(copy.data(), canonical, 0);
  }
  return canonical;
}

Result<Closure> closure_of(std::string_view type, const NodeMap& nodes, std::span<const std::uint64_t> roots) {
  Reach reach(nodes);
  for (const std::uint64_t root : roots) {
    reach.visit(root);
  }
  if (!reach.is_whole()) {
    return schema_not_supported(type, {}, "a type that it uses is missing from its closure");
  }
  capnp::MallocMessageBuilder builder;
  auto list = builder.initRoot<schema::SchemaClosure>().initNodes(static_cast<unsigned>(reach.reached().size()));
  unsigned next = 0;
  for (const std::uint64_t id : reach.reached()) {
    const Node::Reader node = nodes.at(id);
    list.setWithCaveats(next, node);
    keep_what_describes_data(node, reach.reached(), list[next]);
    ++next;
  }
  return Closure{.words = words_of(builder), .root = roots.front()};
}

Result<Closure> closure_of_words(std::string_view type, const SchemaHandle& schema) {
  if (!wire::is_struct_message(schema.closure_words)) {
    return schema_not_supported(type, {}, "the closure is no message");
  }
  const kj::ArrayPtr<const capnp::word> segment(reinterpret_cast<const capnp::word*>(schema.closure_words.data()),
                                                schema.closure_words.size());
  // Validated: one pass is bounded already, and a few are made.
  constexpr capnp::ReaderOptions kUnlimited{std::uint64_t{1} << 40U, kNestingMax};
  capnp::SegmentArrayMessageReader reader(kj::arrayPtr(&segment, 1), kUnlimited);
  NodeMap nodes;
  for (const auto node : reader.getRoot<schema::SchemaClosure>().getNodes()) {
    if (!nodes.emplace(node.getId(), node).second) {
      return schema_not_supported(type, {}, "the closure holds a node twice");
    }
  }
  return closure_of(type, nodes, {&schema.root, 1});
}

/// Runs `make`; an exception of the library becomes a refusal that quotes nothing of it.
template <class Make>
Result<Closure> translated(std::string_view type, Make make) {
  std::optional<Result<Closure>> result;
  const auto exception = kj::runCatchingExceptions([&] { result = make(); });
  if (exception != nullptr) {
    return schema_not_supported(type, {}, "its nodes are malformed");
  }
  return *std::move(result);
}

}  // namespace

Error schema_not_supported(std::string_view type, std::string_view field, std::string_view reason) {
  std::vector<Fact> facts{{"type", std::string(type)}};
  if (!field.empty()) {
    facts.push_back({"field", std::string(field)});
  }
  facts.push_back({"reason", std::string(reason)});
  return {ErrorCode::kInvalidArgument, "SchemaNotSupported",
          field.empty() ? fmt::format("event type {} cannot be stored: {}", type, reason)
                        : fmt::format("event type {} cannot be stored: field {}: {}", type, field, reason),
          std::move(facts)};
}

Result<Closure> make_closure(std::string_view type, std::span<const void* const> compiled) {
  return translated(type, [&] {
    NodeMap nodes;
    std::vector<std::uint64_t> roots;
    collect_annotations(nodes);
    for (const void* handle : compiled) {
      const auto* raw = static_cast<const capnp::_::RawSchema*>(handle);
      collect(raw, nodes);
      roots.push_back(raw->id);
    }
    return closure_of(type, nodes, roots);
  });
}

Result<Closure> make_closure(std::string_view type, const SchemaHandle& schema) {
  if (schema.compiled != nullptr) {
    return make_closure(type, {&schema.compiled, 1});
  }
  return translated(type, [&] { return closure_of_words(type, schema); });
}

}  // namespace carnet::codec
