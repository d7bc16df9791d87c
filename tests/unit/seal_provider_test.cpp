// SPDX-License-Identifier: Apache-2.0
//
// Goal: Carnet's key providers keep the contract of carnet/keys.hpp; the one over files survives reopening, refuses
// files that are damaged or exposed, and ends a version for good. Method: one contract for both, then a real folder.
#undef BOOST_TEST_MODULE  // main() is in seal_test.cpp
#include "base/bytes.hpp"
#include "base/files.hpp"
#include "support/seal_fixture.hpp"
#include "support/temp_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <sys/stat.h>

namespace carnet {
namespace {

using base::as_bytes;
using test::error_of;
using test::must;
using test::TempFolder;

using DataKey = std::array<std::byte, kDataKeyBytes>;

DataKey data_key(std::uint8_t first) {
  DataKey key;
  for (std::size_t i = 0; i < key.size(); ++i) {
    key[i] = static_cast<std::byte>(first + i);
  }
  return key;
}

std::string unwrapped(KeyProvider& provider, WrappingVersion version, std::string_view wrapped,
                      std::string_view context = "context") {
  DataKey key{};
  const Status status = provider.unwrap(version, as_bytes(wrapped), as_bytes(context), key);
  return status ? base::to_hex(key) : status.error().name();
}

std::string key_file(const TempFolder& folder, WrappingVersion version) {
  return folder.at("keys/wrapping-0000000" + std::to_string(version) + ".key");
}

void overwrite(const std::string& path, std::string_view bytes) {
  must(base::write_file_synced(path, bytes, base::FileMode::kPrivate));
}

unsigned mode_of(const std::string& path) {
  struct stat about {};

  BOOST_REQUIRE(::stat(path.c_str(), &about) == 0);
  return about.st_mode & 0777U;
}

void check_contract(KeyProvider& provider) {
  const std::string key = base::to_hex(data_key(1));
  const WrappingVersion first = must(provider.create_version());
  const WrappingVersion second = must(provider.create_version());
  BOOST_TEST(first != 0U);
  BOOST_TEST(second != first);
  const std::string wrapped = must(provider.wrap(first, data_key(1), as_bytes("context")));
  const std::string other = must(provider.wrap(second, data_key(1), as_bytes("context")));
  BOOST_TEST(wrapped.find(std::string(base::as_text(data_key(1)))) == std::string::npos);
  BOOST_TEST(unwrapped(provider, first, wrapped) == key);
  BOOST_TEST(unwrapped(provider, second, other) == key);
  BOOST_TEST(unwrapped(provider, second, wrapped) == "WrappedKeyDamaged");
  BOOST_TEST(unwrapped(provider, first, wrapped, "contexT") == "WrappedKeyDamaged");
  BOOST_TEST(unwrapped(provider, first, "") == "WrappedKeyDamaged");
  BOOST_TEST(unwrapped(provider, first, wrapped + "x") == "WrappedKeyDamaged");
  for (std::size_t i = 0; i < wrapped.size(); ++i) {
    std::string bad = wrapped;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    BOOST_TEST(unwrapped(provider, first, bad) == "WrappedKeyDamaged");
  }
  BOOST_TEST(unwrapped(provider, 0, wrapped) == "WrappingKeyMissing");

  must(provider.destroy_version(first));
  must(provider.destroy_version(first));
  BOOST_TEST(unwrapped(provider, first, wrapped) == "WrappingKeyDestroyed");
  BOOST_TEST(error_of(provider.wrap(first, data_key(1), {})) == "WrappingKeyDestroyed");
  BOOST_TEST(unwrapped(provider, second, other) == key);
  must(provider.destroy_version(second));
  BOOST_TEST(must(provider.create_version()) > second);
}

BOOST_AUTO_TEST_SUITE(providers)

BOOST_AUTO_TEST_CASE(the_test_provider_keeps_the_contract) {
  TestKeyProvider provider;
  check_contract(provider);
  BOOST_TEST(provider.is_for_tests());
}

BOOST_AUTO_TEST_CASE(the_test_provider_gives_the_same_bytes_every_time) {
  TestKeyProvider a(5);
  TestKeyProvider b(5);
  TestKeyProvider c(6);
  const WrappingVersion version = must(a.create_version());
  const std::string wrapped = must(a.wrap(version, data_key(1), as_bytes("context")));
  BOOST_TEST(must(b.wrap(version, data_key(1), as_bytes("context"))) == wrapped);
  BOOST_TEST(unwrapped(b, version, wrapped) == base::to_hex(data_key(1)));
  BOOST_TEST(unwrapped(c, version, wrapped) == "WrappedKeyDamaged");
  // An instance that knows a version only by its use does not give it out anew.
  BOOST_TEST(must(b.create_version()) == version + 1);
}

BOOST_AUTO_TEST_CASE(the_file_provider_keeps_the_contract) {
  const TempFolder folder;
  const auto provider = must(FileKeyProvider::open(folder.at("keys")));
  check_contract(*provider);
  BOOST_TEST(!provider->is_for_tests());
  BOOST_TEST(provider->can_destroy());
  BOOST_TEST(unwrapped(*provider, 77, "x") == "WrappingKeyMissing");
  BOOST_TEST(error_of(provider->destroy_version(77)) == "WrappingKeyMissing");
}

BOOST_AUTO_TEST_CASE(versions_outlive_the_file_provider) {
  const TempFolder folder;
  std::string wrapped;
  std::string of_destroyed;
  {
    const auto provider = must(FileKeyProvider::open(folder.at("keys")));
    BOOST_TEST(must(provider->create_version()) == 1U);
    BOOST_TEST(must(provider->create_version()) == 2U);
    wrapped = must(provider->wrap(1, data_key(9), as_bytes("context")));
    of_destroyed = must(provider->wrap(2, data_key(9), as_bytes("context")));
    must(provider->destroy_version(2));
  }
  const auto provider = must(FileKeyProvider::open(folder.at("keys")));
  BOOST_TEST(unwrapped(*provider, 1, wrapped) == base::to_hex(data_key(9)));
  BOOST_TEST(unwrapped(*provider, 2, of_destroyed) == "WrappingKeyDestroyed");
  BOOST_TEST(must(provider->create_version()) == 3U);
}

BOOST_AUTO_TEST_CASE(wrapping_the_same_key_twice_gives_other_bytes) {
  const TempFolder folder;
  const auto provider = must(FileKeyProvider::open(folder.at("keys")));
  const WrappingVersion version = must(provider->create_version());
  BOOST_TEST(must(provider->wrap(version, data_key(1), {})) != must(provider->wrap(version, data_key(1), {})));
}

BOOST_AUTO_TEST_CASE(a_key_directory_has_one_owner) {
  const TempFolder folder;
  auto provider = must(FileKeyProvider::open(folder.at("keys")));
  BOOST_TEST(error_of(FileKeyProvider::open(folder.at("keys"))) == "KeyDirectoryBusy");
  provider.reset();
  BOOST_TEST(error_of(FileKeyProvider::open(folder.at("keys"))) == "success");
}

BOOST_AUTO_TEST_CASE(a_key_directory_needs_its_parent) {
  const TempFolder folder;
  BOOST_TEST(error_of(FileKeyProvider::open(folder.at("no/keys"))) == "FileNotFound");
  overwrite(folder.at("file"), "x");
  BOOST_TEST(error_of(FileKeyProvider::open(folder.at("file"))) == "NotAFolder");
}

BOOST_AUTO_TEST_CASE(keys_are_readable_by_their_owner_only) {
  const TempFolder folder;
  {
    const auto provider = must(FileKeyProvider::open(folder.at("keys")));
    must(provider->create_version());
    BOOST_TEST(mode_of(folder.at("keys")) == 0700U);
    BOOST_TEST(mode_of(key_file(folder, 1)) == 0600U);
  }
  for (const ::mode_t mode : {0640U, 0604U, 0660U, 0610U}) {
    BOOST_REQUIRE(::chmod(key_file(folder, 1).c_str(), mode) == 0);
    const auto opened = FileKeyProvider::open(folder.at("keys"));
    BOOST_TEST(error_of(opened) == "KeyFileExposed");
    BOOST_TEST(opened.error().fact("path") == key_file(folder, 1));
  }
  BOOST_REQUIRE(::chmod(key_file(folder, 1).c_str(), 0600) == 0);
  BOOST_REQUIRE(::chmod(folder.at("keys").c_str(), 0750) == 0);
  BOOST_TEST(error_of(FileKeyProvider::open(folder.at("keys"))) == "KeyFileExposed");
  BOOST_REQUIRE(::chmod(folder.at("keys").c_str(), 0700) == 0);
  BOOST_TEST(error_of(FileKeyProvider::open(folder.at("keys"))) == "success");
}

BOOST_AUTO_TEST_CASE(a_key_file_that_is_a_link_is_refused) {
  const TempFolder folder;
  { must(must(FileKeyProvider::open(folder.at("keys")))->create_version()); }
  std::filesystem::rename(key_file(folder, 1), folder.at("elsewhere"));
  std::filesystem::create_symlink(folder.at("elsewhere"), key_file(folder, 1));
  BOOST_TEST(error_of(FileKeyProvider::open(folder.at("keys"))) == "KeyFileExposed");
}

BOOST_AUTO_TEST_CASE(every_flipped_byte_and_every_cut_of_a_key_file_is_seen) {
  const TempFolder folder;
  { must(must(FileKeyProvider::open(folder.at("keys")))->create_version()); }
  const std::string good = must(base::read_file(key_file(folder, 1), 1000));
  BOOST_TEST(good.size() == 56U);
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x40);
    overwrite(key_file(folder, 1), bad);
    const auto opened = FileKeyProvider::open(folder.at("keys"));
    BOOST_TEST(error_of(opened) == "KeyFileDamaged");
    BOOST_TEST(opened.error().fact("path") == key_file(folder, 1));
    overwrite(key_file(folder, 1), std::string_view(good).substr(0, i));
    BOOST_TEST(error_of(FileKeyProvider::open(folder.at("keys"))) == "KeyFileDamaged");
  }
  overwrite(key_file(folder, 1), good + "x");
  BOOST_TEST(error_of(FileKeyProvider::open(folder.at("keys"))) == "KeyFileDamaged");
  // A whole file under another version's name.
  must(base::remove_file(key_file(folder, 1)));
  overwrite(key_file(folder, 2), good);
  BOOST_TEST(error_of(FileKeyProvider::open(folder.at("keys"))) == "KeyFileDamaged");
}

BOOST_AUTO_TEST_CASE(a_destroyed_version_leaves_only_its_tombstone) {
  const TempFolder folder;
  const auto provider = must(FileKeyProvider::open(folder.at("keys")));
  must(provider->create_version());
  // Another name for the same bytes shows that they are overwritten before the file goes.
  std::filesystem::create_hard_link(key_file(folder, 1), folder.at("witness"));
  must(provider->destroy_version(1));
  BOOST_TEST(!std::filesystem::exists(key_file(folder, 1)));
  BOOST_TEST(std::filesystem::exists(folder.at("keys/wrapping-00000001.destroyed")));
  BOOST_TEST((must(base::read_file(folder.at("witness"), 1000)) == std::string(56, '\0')));
}

BOOST_AUTO_TEST_CASE(an_interrupted_destruction_is_completed_at_opening) {
  const TempFolder folder;
  { must(must(FileKeyProvider::open(folder.at("keys")))->create_version()); }
  std::filesystem::create_hard_link(key_file(folder, 1), folder.at("witness"));
  overwrite(folder.at("keys/wrapping-00000001.destroyed"), "");
  const auto provider = must(FileKeyProvider::open(folder.at("keys")));
  BOOST_TEST(!std::filesystem::exists(key_file(folder, 1)));
  BOOST_TEST((must(base::read_file(folder.at("witness"), 1000)) == std::string(56, '\0')));
  BOOST_TEST(error_of(provider->wrap(1, data_key(1), {})) == "WrappingKeyDestroyed");
}

BOOST_AUTO_TEST_CASE(an_interrupted_creation_is_cleared_away) {
  const TempFolder folder;
  { must(must(FileKeyProvider::open(folder.at("keys")))->create_version()); }
  std::filesystem::rename(key_file(folder, 1), key_file(folder, 1) + ".tmp");
  const auto provider = must(FileKeyProvider::open(folder.at("keys")));
  BOOST_TEST(!std::filesystem::exists(key_file(folder, 1) + ".tmp"));
  BOOST_TEST(must(provider->create_version()) == 1U);
}

BOOST_AUTO_TEST_CASE(a_version_that_cannot_be_written_is_not_given) {
  const TempFolder folder;
  const auto provider = must(FileKeyProvider::open(folder.at("keys")));
  must(provider->create_version());
  std::filesystem::create_directories(key_file(folder, 2) + ".tmp/in the way");
  BOOST_TEST(!provider->create_version().has_value());
  BOOST_TEST(error_of(provider->wrap(2, data_key(1), {})) == "WrappingKeyMissing");
  BOOST_TEST(must(provider->create_version()) == 3U);
}

BOOST_AUTO_TEST_CASE(a_ring_over_files_survives_reopening_and_rewrapping) {
  const TempFolder folder;
  seal::MemoryKeyStore store;
  const std::shared_ptr<RandomSource> random = os_random();
  std::optional<seal::SealedParts> sealed;
  {
    const auto provider = must(FileKeyProvider::open(folder.at("keys")));
    const auto ring = must(seal::KeyRing::open(store, *provider, *random));
    const seal::KeyHandle key = test::granted(ring->create_key(test::request("account/A1", "D1", 1)));
    sealed = test::granted(seal::Sealer(*ring).seal(as_bytes("secret"), *key, seal::FieldPlace{}));
    must(ring->rewrap());
  }
  {
    const auto provider = must(FileKeyProvider::open(folder.at("keys")));
    const auto ring = must(seal::KeyRing::open(store, *provider, *random));
    BOOST_TEST(test::granted(seal::Sealer(*ring).open(seal::view_of(*sealed), seal::FieldPlace{})).plaintext ==
               "secret");
  }
  const auto other = must(FileKeyProvider::open(folder.at("other")));
  BOOST_TEST(error_of(seal::KeyRing::open(store, *other, *random)) == "KeyProviderMismatch");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace carnet
