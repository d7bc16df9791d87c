// SPDX-License-Identifier: Apache-2.0
//
// Goal: the running tree has the root that RFC 6962 defines, at every size, also after being stored; leaf data is what
// the log format says. Method: vectors of Certificate Transparency, the recursive definition, vectors made with
// Python's hashlib.
#include "base/bytes.hpp"
#include "proof/merkle.hpp"
#include "support/test_seed.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace carnet::proof {
namespace {

using base::as_bytes;
using base::to_hex;

Hash hash_of(std::uint64_t number) {
  std::string text;
  base::append_le(text, number);
  return leaf_hash(as_bytes(text));
}

std::vector<Hash> leaves(std::size_t count) {
  std::vector<Hash> hashes;
  for (std::size_t i = 0; i < count; ++i) {
    hashes.push_back(hash_of(i));
  }
  return hashes;
}

CompactTree tree_of(const std::vector<Hash>& hashes) {
  CompactTree tree;
  for (const Hash& hash : hashes) {
    tree.append(hash);
  }
  return tree;
}

/// The leaf data of a commit, built the plain way.
std::string leaf_data(std::string_view header, const std::vector<Hash>& introductions,
                      const std::vector<Hash>& events) {
  std::string data;
  base::append_le(data, static_cast<std::uint32_t>(header.size()));
  data.append(header);
  for (const std::vector<Hash>* const hashes : {&introductions, &events}) {
    base::append_le(data, static_cast<std::uint16_t>(hashes->size()));
    for (const Hash& hash : *hashes) {
      data.append(base::as_text(hash));
    }
  }
  return data;
}

BOOST_AUTO_TEST_SUITE(hashes)

BOOST_AUTO_TEST_CASE(a_leaf_is_hashed_over_its_parts_in_a_row) {
  const std::array<ByteSpan, 4> parts{as_bytes("ab"), ByteSpan(), as_bytes("c"), as_bytes("def")};
  BOOST_TEST(to_hex(leaf_hash(parts)) == to_hex(leaf_hash(as_bytes("abcdef"))));
  // SHA-256(0x00 ‖ "abcdef")
  BOOST_TEST(to_hex(leaf_hash(parts)) == to_hex(base::sha256(as_bytes(std::string_view("\0abcdef", 7)))));
}

BOOST_AUTO_TEST_CASE(a_leaf_may_be_longer_than_any_buffer) {
  for (const std::size_t size : {1022U, 1023U, 1024U, 1025U, 2048U, 100'000U}) {
    std::string data(size, 'x');
    data.front() = 'a';
    data.back() = 'z';
    const ByteSpan bytes = as_bytes(data);
    const std::array<ByteSpan, 3> parts{bytes.first(size / 3), bytes.subspan(size / 3, 5), bytes.subspan(size / 3 + 5)};
    const std::string expected = to_hex(base::sha256(as_bytes(std::string(1, '\0') + data)));
    BOOST_TEST(to_hex(leaf_hash(bytes)) == expected);
    BOOST_TEST(to_hex(leaf_hash(parts)) == expected);
  }
}

BOOST_AUTO_TEST_CASE(a_node_is_no_leaf_and_has_an_order) {
  const Hash a = hash_of(1);
  const Hash b = hash_of(2);
  std::string text = "\x01";
  text.append(base::as_text(a)).append(base::as_text(b));
  BOOST_TEST(to_hex(node_hash(a, b)) == to_hex(base::sha256(as_bytes(text))));
  BOOST_TEST((node_hash(a, b) != node_hash(b, a)));
}

BOOST_AUTO_TEST_CASE(commit_leaf_matches_its_vector) {
  const std::array<Hash, 1> introductions{base::sha256(as_bytes("intro"))};
  const std::array<Hash, 2> events{base::sha256(as_bytes("event 1")), base::sha256(as_bytes("event 2"))};
  BOOST_TEST(to_hex(commit_leaf_hash(as_bytes("header bytes"), introductions, events)) ==
             "1180ea9b909081add454546bd03b4b3634a10ce51dc97afd69686b2969d90f62");
}

BOOST_AUTO_TEST_CASE(commit_leaf_is_the_leaf_of_its_data_at_every_count) {
  for (const std::size_t introductions : {0U, 1U, 40U}) {
    for (const std::size_t events : {1U, 2U, 100U, 4096U}) {
      for (const std::size_t header_size : {0U, 150U, 5000U}) {
        const std::string header(header_size, 'h');
        const std::vector<Hash> i = leaves(introductions);
        const std::vector<Hash> e = leaves(events);
        BOOST_TEST(to_hex(commit_leaf_hash(as_bytes(header), i, e)) ==
                   to_hex(leaf_hash(as_bytes(leaf_data(header, i, e)))));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_digest_moved_from_introductions_to_events_changes_the_leaf) {
  const std::vector<Hash> two = leaves(2);
  const std::span<const Hash> all(two);
  BOOST_TEST((commit_leaf_hash(as_bytes("h"), all.first(1), all.last(1)) !=
              commit_leaf_hash(as_bytes("h"), all.first(0), all)));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(tree)

BOOST_AUTO_TEST_CASE(roots_are_those_of_certificate_transparency) {
  // Leaves and roots of the reference implementation's Merkle tree tests.
  const std::array<std::string_view, 8> inputs{
      "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
  const std::array<std::string_view, 9> roots{"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                                              "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                              "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                              "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                              "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                              "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                              "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                              "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                              "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  CompactTree tree;
  BOOST_TEST(to_hex(tree.root()) == roots[0]);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    tree.append(leaf_hash(as_bytes(*base::from_hex(inputs[i]))));
    BOOST_TEST(tree.size() == i + 1);
    BOOST_TEST(to_hex(tree.root()) == roots[i + 1]);
  }
}

BOOST_AUTO_TEST_CASE(the_root_follows_the_recursive_definition_at_every_size) {
  const std::vector<Hash> all = leaves(130);
  CompactTree tree;
  for (std::size_t size = 0; size <= all.size(); ++size) {
    const std::string expected = to_hex(root_of(std::span(all).first(size)));
    BOOST_TEST(to_hex(tree.compute_root()) == expected);
    BOOST_TEST(to_hex(tree.root()) == expected);
    BOOST_TEST(to_hex(tree.root()) == expected);
    if (size < all.size()) {
      tree.append(all[size]);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_stored_tree_goes_on_as_if_never_stored) {
  const std::vector<Hash> all = leaves(130);
  for (std::size_t size = 0; size < all.size(); ++size) {
    CompactTree tree = tree_of(std::vector<Hash>(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(size)));
    if (size % 2 == 0) {
      BOOST_TEST(!tree.root().empty());
    }
    Result<CompactTree> read = CompactTree::decode(tree.encode());
    BOOST_REQUIRE(read.has_value());
    BOOST_TEST((*read == tree));
    BOOST_TEST(read->size() == size);
    tree.append(all[size]);
    read->append(all[size]);
    BOOST_TEST(to_hex(read->root()) == to_hex(tree.root()));
    BOOST_TEST((*read == tree));
  }
}

BOOST_AUTO_TEST_CASE(the_stored_form_is_size_then_subtrees_from_the_left) {
  const std::vector<Hash> all = leaves(3);
  std::string expected("\x03\0\0\0\0\0\0\0", 8);
  expected.append(base::as_text(node_hash(all[0], all[1]))).append(base::as_text(all[2]));
  BOOST_TEST((tree_of(all).encode() == expected));
}

BOOST_AUTO_TEST_CASE(a_stored_tree_of_the_wrong_length_is_refused) {
  const std::string good = tree_of(leaves(11)).encode();
  for (std::size_t size = 0; size < good.size() + 40; ++size) {
    std::string bytes = good;
    bytes.resize(size);
    const Result<CompactTree> read = CompactTree::decode(bytes);
    BOOST_TEST(read.has_value() == (size == good.size()));
    if (!read) {
      BOOST_TEST(read.error().name() == "TreeStateDamaged");
    }
  }
  std::string huge(8 + 64 * 32, '\xff');
  BOOST_TEST(!CompactTree::decode(huge).has_value());
}

BOOST_AUTO_TEST_CASE(a_copy_is_a_savepoint) {
  std::mt19937_64 engine = test::seeded_engine();
  std::vector<Hash> kept;
  CompactTree tree;
  for (int round = 0; round < 200; ++round) {
    const CompactTree savepoint = tree;
    std::vector<Hash> tried = kept;
    for (std::uint64_t i = engine() % 5; i > 0; --i) {
      tried.push_back(hash_of(engine()));
      tree.append(tried.back());
    }
    if (engine() % 2 == 0) {
      tree = savepoint;
    } else {
      kept = std::move(tried);
    }
    BOOST_TEST(to_hex(tree.root()) == to_hex(root_of(kept)));
  }
}

BOOST_AUTO_TEST_CASE(a_large_size_is_carried_in_few_hashes) {
  // 2^40 − 1 leaves: forty subtrees, and the next leaf joins them all.
  constexpr unsigned kLevels = 40;
  std::string bytes;
  base::append_le(bytes, (std::uint64_t{1} << kLevels) - 1);
  std::vector<Hash> subtrees = leaves(kLevels);
  for (const Hash& subtree : subtrees) {
    bytes.append(base::as_text(subtree));
  }
  Result<CompactTree> tree = CompactTree::decode(bytes);
  BOOST_REQUIRE(tree.has_value());
  Hash expected = hash_of(7);
  tree->append(expected);
  for (auto subtree = subtrees.rbegin(); subtree != subtrees.rend(); ++subtree) {
    expected = node_hash(*subtree, expected);
  }
  BOOST_TEST(tree->size() == std::uint64_t{1} << kLevels);
  BOOST_TEST(to_hex(tree->root()) == to_hex(expected));
  BOOST_TEST(tree->encode().size() == 8U + 32U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace carnet::proof
