// SPDX-License-Identifier: Apache-2.0
//
// Schemas that no compiled code knows: parsed from text while a test runs, and handed over as stored nodes, as a log
// has them.
#pragma once

#include "support/codec_samples.hpp"

#include <carnet/domain.hpp>
#include <carnet/schema/log.capnp.h>

#include <capnp/message.h>
#include <capnp/schema-parser.h>
#include <kj/filesystem.h>

#include <map>
#include <string>
#include <string_view>

namespace carnet::test {

/// A file of declarations. `$Core.…` names the annotations and types of core.capnp.
class SchemaText {
 public:
  /// `declarations` come behind a head that imports core.capnp.
  static SchemaText of(const std::string& declarations) {
    return SchemaText("@0xaf1c3d5e7b902468;\nusing Core = import \"/carnet/schema/core.capnp\";\n" + declarations);
  }

  /// A whole file of the source tree.
  static SchemaText of_file(const std::string& path) {
    const auto files = kj::newDiskFilesystem();
    const auto text = files->getRoot().openFile(kj::Path(nullptr).eval(path.substr(1)))->readAllText();
    return SchemaText(std::string(text.begin(), text.size()));
  }

  /// What a log would have stored of the type: every node of this file and of core.capnp, unsorted.
  [[nodiscard]] SchemaHandle handle(const std::string& type) const {
    return {.compiled = nullptr, .closure_words = words_, .root = ids_.at(type)};
  }

  [[nodiscard]] std::vector<std::string> types() const {
    std::vector<std::string> names;
    for (const auto& [name, id] : ids_) {
      names.push_back(name);
    }
    return names;
  }

 private:
  explicit SchemaText(const std::string& text) {
    const auto files = kj::newDiskFilesystem();
    const auto folder = kj::newInMemoryDirectory(kj::nullClock());
    folder->openFile(kj::Path("types.capnp"), kj::WriteMode::CREATE)->writeAll(kj::StringPtr(text.c_str()));
    const auto include =
        files->getRoot().openSubdir(kj::Path(nullptr).eval(std::string(CARNET_SOURCE_FOLDER "/include").substr(1)));
    const auto system = files->getRoot().openSubdir(kj::Path({"usr", "include"}));
    const kj::ReadableDirectory* folders[] = {include.get(), system.get()};
    capnp::SchemaParser parser;
    const capnp::ParsedSchema file = parser.parseFromDirectory(*folder, kj::Path("types.capnp"), folders);
    const capnp::ParsedSchema core =
        parser.parseFromDirectory(*include, kj::Path({"carnet", "schema", "core.capnp"}), folders);
    for (const auto& declarations : {core.getAllNested(), file.getAllNested()}) {
      for (const auto declaration : declarations) {
        if (declaration.getProto().isStruct()) {
          ids_[declaration.getShortDisplayName().cStr()] = declaration.getProto().getId();
        }
      }
    }
    std::map<std::uint64_t, capnp::schema::Node::Reader> nodes;
    collect(file, nodes);
    collect(core, nodes);
    capnp::MallocMessageBuilder builder(1U << 16U);
    auto list = builder.initRoot<schema::SchemaClosure>().initNodes(static_cast<unsigned>(nodes.size()));
    // Backwards: the order in which nodes are stored must not matter.
    unsigned next = list.size();
    for (const auto& [id, node] : nodes) {
      list.setWithCaveats(--next, node);
    }
    words_ = words_of(builder);
  }

  static void collect(const capnp::ParsedSchema& schema, std::map<std::uint64_t, capnp::schema::Node::Reader>& nodes) {
    for (const auto nested : schema.getAllNested()) {
      nodes.emplace(nested.getProto().getId(), nested.getProto());
      collect(nested, nodes);
      if (nested.getProto().isStruct()) {
        for (const auto field : nested.asStruct().getFields()) {
          if (field.getProto().isGroup()) {
            nodes.emplace(field.getType().asStruct().getProto().getId(), field.getType().asStruct().getProto());
          }
        }
      }
    }
  }

  std::vector<std::uint64_t> words_;
  std::map<std::string, std::uint64_t> ids_;
};

}  // namespace carnet::test
