// SPDX-License-Identifier: Apache-2.0
//
// Goal: results, checks, bytes, checksums, hashes and the seams do what their headers say.
// Method: published vectors, every boundary, and random inputs against a second way to compute the same.
#include "base/bytes.hpp"
#include "base/check.hpp"
#include "base/sha256.hpp"
#include "support/test_seed.hpp"

#include <carnet/clock.hpp>
#include <carnet/log_sink.hpp>
#include <carnet/random.hpp>
#include <carnet/result.hpp>

#include <boost/test/unit_test.hpp>
#include <openssl/hmac.h>

#include <csignal>
#include <memory>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace carnet {
namespace {

using base::as_bytes;
using base::ByteSpan;
using test::seeded_engine;

std::string random_bytes(std::mt19937_64& engine, std::size_t size) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) {
    byte = static_cast<char>(engine());
  }
  return bytes;
}

std::string hex_of(const base::Hash& hash) {
  return base::to_hex(hash);
}

std::string unhex(std::string_view hex) {
  const std::optional<std::string> bytes = base::from_hex(hex);
  BOOST_REQUIRE(bytes.has_value());
  return *bytes;
}

BOOST_AUTO_TEST_SUITE(result)

Result<int> half(int value) {
  if (value % 2 != 0) {
    return Error(ErrorCode::kInvalidArgument, "Odd", "give an even number", {{"value", std::to_string(value)}});
  }
  return value / 2;
}

Result<int> quarter(int value) {
  CARNET_TRY(const int first, half(value));
  CARNET_TRY(const int second, half(first));
  return second;
}

Status check_quarter(int value) {
  CARNET_TRY_VOID(quarter(value));
  return {};
}

Result<std::unique_ptr<int>> boxed_half(int value) {
  CARNET_TRY(int half_value, half(value));
  auto box = std::make_unique<int>(half_value);
  return box;
}

BOOST_AUTO_TEST_CASE(try_passes_the_value_on) {
  BOOST_TEST_REQUIRE(quarter(12).has_value());
  BOOST_TEST(*quarter(12) == 3);
  BOOST_TEST(check_quarter(12).has_value());
  CARNET_REQUIRE(boxed_half(4).has_value(), "boxed");
  BOOST_TEST(**boxed_half(4) == 2);
}

BOOST_AUTO_TEST_CASE(try_returns_the_first_error) {
  const Result<int> result = quarter(6);
  BOOST_TEST_REQUIRE(!result.has_value());
  BOOST_TEST((result.error().code() == ErrorCode::kInvalidArgument));
  BOOST_TEST(result.error().name() == "Odd");
  BOOST_TEST(result.error().fact("value") == "3");
  BOOST_TEST(result.error().fact("other") == "");
  BOOST_TEST(!check_quarter(6).has_value());
  BOOST_TEST(quarter(6).value_or(-1) == -1);
}

BOOST_AUTO_TEST_CASE(error_prints_as_one_line) {
  BOOST_TEST(Error(ErrorCode::kBusy, "LedgerBusy", "close the other one").to_line() ==
             "LedgerBusy: close the other one");
  const Error damaged(ErrorCode::kCorruption, "LogDamaged", "restore\na backup", {{"path", "a\x1b[2Jb"}, {"at", "7"}});
  BOOST_TEST(damaged.to_line() == "LogDamaged: restore?a backup (path=a?[2Jb, at=7)");
}

BOOST_AUTO_TEST_CASE(every_code_has_a_name_and_an_advice) {
  std::vector<std::string_view> names;
  for (std::uint16_t code = 1; code <= 12; ++code) {
    const std::string_view name = to_string(static_cast<ErrorCode>(code));
    BOOST_TEST(name != "Unknown");
    BOOST_TEST((std::find(names.begin(), names.end(), name) == names.end()));
    names.push_back(name);
  }
  BOOST_TEST(to_string(static_cast<ErrorCode>(13)) == "Unknown");
  BOOST_TEST((retry_advice(ErrorCode::kInvalidArgument) == RetryAdvice::kNever));
  BOOST_TEST((retry_advice(ErrorCode::kBusy) == RetryAdvice::kLater));
  BOOST_TEST((retry_advice(ErrorCode::kOutOfSpace) == RetryAdvice::kLater));
  BOOST_TEST((retry_advice(ErrorCode::kOutcomeUnknown) == RetryAdvice::kAfterRepair));
  BOOST_TEST((retry_advice(ErrorCode::kExpired) == RetryAdvice::kNow));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(check)

struct ChildEnd {
  int status = 0;
  std::string output;
};

/// Runs `body` in a forked child with standard error caught.
template <class Body>
ChildEnd run_child(Body body) {
  int ends[2];
  BOOST_REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  BOOST_REQUIRE(child >= 0);
  if (child == 0) {
    // The test framework would turn the signal into a failure of this case and go on in the child.
    BOOST_VERIFY(std::signal(SIGABRT, SIG_DFL) != SIG_ERR);
    ::dup2(ends[1], STDERR_FILENO);
    ::close(ends[0]);
    ::close(ends[1]);
    body();
    ::_exit(0);
  }
  ::close(ends[1]);
  ChildEnd end;
  char buffer[512];
  for (ssize_t got = 0; (got = ::read(ends[0], buffer, sizeof(buffer))) > 0;) {
    end.output.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  BOOST_REQUIRE(::waitpid(child, &end.status, 0) == child);
  return end;
}

void say_checked(const char* text) {
  const std::string line = std::string("seen: ") + text;
  BOOST_VERIFY(::write(STDERR_FILENO, line.data(), line.size()) > 0);
}

void fail_again(const char* /*text*/) {
  CARNET_ASSERT(false, "a handler fails too");
}

BOOST_AUTO_TEST_CASE(a_check_that_holds_does_nothing) {
  int evaluations = 0;
  CARNET_ASSERT(++evaluations == 1, "evaluated once");
  CARNET_REQUIRE(++evaluations == 2, "evaluated once");
  BOOST_TEST(evaluations == 2);
}

BOOST_AUTO_TEST_CASE(a_broken_invariant_prints_a_line_and_aborts) {
  const ChildEnd end = run_child([] { CARNET_ASSERT(1 + 1 == 3, "I-M15: trial balance is zero"); });
  BOOST_TEST(WIFSIGNALED(end.status));
  BOOST_TEST(WTERMSIG(end.status) == SIGABRT);
  BOOST_TEST(end.output.starts_with("carnet: invariant does not hold: 1 + 1 == 3 at unit/base_test.cpp:"));
  BOOST_TEST(end.output.ends_with(": I-M15: trial balance is zero\n"));
}

BOOST_AUTO_TEST_CASE(a_broken_contract_reaches_the_handler_first) {
  const ChildEnd end = run_child([] {
    base::set_check_handler(&say_checked);
    CARNET_REQUIRE(false, "an open ledger");
  });
  BOOST_TEST(WIFSIGNALED(end.status));
  BOOST_TEST(end.output.starts_with("seen: carnet: contract does not hold: false at "));
}

BOOST_AUTO_TEST_CASE(a_handler_that_fails_itself_ends_the_process) {
  const ChildEnd end = run_child([] {
    base::set_check_handler(&fail_again);
    CARNET_ASSERT(false, "first");
  });
  BOOST_TEST(WIFSIGNALED(end.status));
  BOOST_TEST(WTERMSIG(end.status) == SIGABRT);
}

BOOST_AUTO_TEST_CASE(a_text_over_the_buffer_is_cut) {
  static const std::string long_note(5000, 'x');
  const ChildEnd end = run_child([] { CARNET_ASSERT(false, long_note.c_str()); });
  BOOST_TEST(WIFSIGNALED(end.status));
  BOOST_TEST(end.output.size() == 1023U);
  BOOST_TEST(end.output.back() == '\n');
}

BOOST_AUTO_TEST_CASE(installing_returns_the_handler_before) {
  BOOST_TEST((base::set_check_handler(&say_checked) == nullptr));
  BOOST_TEST((base::set_check_handler(nullptr) == &say_checked));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(bytes)

BOOST_AUTO_TEST_CASE(fixed_width_integers_keep_their_order) {
  std::string out;
  base::append_le<std::uint32_t>(out, 0x01020304U);
  base::append_be<std::uint32_t>(out, 0x01020304U);
  base::append_be<std::uint16_t>(out, 0x0506U);
  base::append_be<std::uint64_t>(out, 0x0708090a0b0c0d0eU);
  base::append_le<std::uint8_t>(out, 0xffU);
  BOOST_TEST(base::to_hex(as_bytes(out)) == "040302010102030405060708090a0b0c0d0eff");
  BOOST_TEST(base::load_le<std::uint32_t>(out.data()) == 0x01020304U);
  BOOST_TEST(base::load_be<std::uint32_t>(out.data() + 4) == 0x01020304U);
  BOOST_TEST(base::load_be<std::uint64_t>(out.data() + 10) == 0x0708090a0b0c0d0eU);
}

BOOST_AUTO_TEST_CASE(hex_round_trips_and_refuses_what_is_no_hex) {
  std::mt19937_64 engine = seeded_engine();
  for (std::size_t size = 0; size < 70; ++size) {
    const std::string bytes = random_bytes(engine, size);
    BOOST_TEST((base::from_hex(base::to_hex(as_bytes(bytes))) == bytes));
  }
  BOOST_TEST((base::from_hex("00fFAb") == std::string("\0\xff\xab", 3)));
  for (const std::string_view bad : {"0", "0g", "g0", " 00", "0x00", "00:0", "\xff\xff"}) {
    BOOST_TEST(!base::from_hex(bad).has_value());
  }
}

BOOST_AUTO_TEST_CASE(varint_round_trips_at_every_length) {
  for (unsigned bits = 0; bits <= 64; ++bits) {
    const std::uint64_t top = bits == 64 ? UINT64_MAX : (std::uint64_t{1} << bits) - 1;
    for (const std::uint64_t value : {top, top + 1, top / 2}) {
      std::string out = "x";
      base::append_varint(out, value);
      BOOST_TEST(out.size() <= 11U);
      out += "tail";
      std::string_view in = std::string_view(out).substr(1);
      BOOST_TEST((base::take_varint(in) == value));
      BOOST_TEST(in == "tail");
    }
  }
}

BOOST_AUTO_TEST_CASE(varint_refuses_what_ends_early_or_is_too_long) {
  const std::string_view bad[] = {"", "\x80", "\xff\xff\xff", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02",
                                  "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"};
  for (const std::string_view text : bad) {
    std::string_view in = text;
    BOOST_TEST(!base::take_varint(in).has_value());
    BOOST_TEST(in == text);
  }
  std::string_view largest = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
  BOOST_TEST((base::take_varint(largest) == UINT64_MAX));
}

struct CrcVector {
  std::string bytes;
  std::uint32_t crc;
};

/// RFC 3720 B.4 and the check value of the catalogue of CRC algorithms.
std::vector<CrcVector> crc_vectors() {
  std::string rising(32, '\0');
  std::string falling(32, '\0');
  for (std::size_t i = 0; i < 32; ++i) {
    rising[i] = static_cast<char>(i);
    falling[31 - i] = static_cast<char>(i);
  }
  return {{"", 0U},
          {"123456789", 0xe3069283U},
          {std::string(32, '\0'), 0x8a9136aaU},
          {std::string(32, '\xff'), 0x62a8ab43U},
          {rising, 0x46dd794eU},
          {falling, 0x113fdb5cU},
          {unhex("01c000000000000000000000000000001400000000000400000000140000001828000000000000000200000000000000"),
           0xd9963a56U}};
}

BOOST_AUTO_TEST_CASE(crc32c_meets_the_published_vectors) {
  for (const CrcVector& vector : crc_vectors()) {
    BOOST_TEST(base::crc32c(as_bytes(vector.bytes)) == vector.crc);
    BOOST_TEST(base::detail::crc32c_portable(as_bytes(vector.bytes), 0) == vector.crc);
    if (base::detail::has_crc32c_instruction()) {
      BOOST_TEST(base::detail::crc32c_hardware(as_bytes(vector.bytes), 0) == vector.crc);
    }
  }
}

BOOST_AUTO_TEST_CASE(crc32c_forms_agree_at_every_length_and_alignment) {
  if (!base::detail::has_crc32c_instruction()) {
    BOOST_TEST_MESSAGE("this processor has no CRC32C instruction: nothing to compare");
    return;
  }
  std::mt19937_64 engine = seeded_engine();
  const std::string bytes = random_bytes(engine, 4096 + 8);
  for (std::size_t start = 0; start < 8; ++start) {
    for (std::size_t size = 0; size < 80; ++size) {
      const ByteSpan span = as_bytes(std::string_view(bytes).substr(start, size));
      const auto seed = static_cast<std::uint32_t>(engine());
      BOOST_TEST(base::detail::crc32c_portable(span, seed) == base::detail::crc32c_hardware(span, seed));
    }
    const ByteSpan page = as_bytes(std::string_view(bytes).substr(start, 4096));
    BOOST_TEST(base::detail::crc32c_portable(page, 0) == base::detail::crc32c_hardware(page, 0));
  }
}

BOOST_AUTO_TEST_CASE(crc32c_goes_on_where_its_seed_ended) {
  std::mt19937_64 engine = seeded_engine();
  const std::string bytes = random_bytes(engine, 257);
  const std::uint32_t whole = base::crc32c(as_bytes(bytes));
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    const std::uint32_t first = base::crc32c(as_bytes(bytes).first(cut));
    BOOST_TEST(base::crc32c(as_bytes(bytes).subspan(cut), first) == whole);
  }
}

BOOST_AUTO_TEST_CASE(crc32c_mask_is_that_of_rocksdb) {
  constexpr std::uint32_t kCrc = 0xe3069283U;
  BOOST_TEST(base::mask_crc32c(kCrc) == static_cast<std::uint32_t>(((kCrc >> 15U) | (kCrc << 17U)) + 0xa282ead8U));
  BOOST_TEST(base::mask_crc32c(kCrc) != kCrc);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(sha256)

BOOST_AUTO_TEST_CASE(hash_meets_the_vectors_of_fips_180) {
  BOOST_TEST(hex_of(base::sha256(ByteSpan())) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  BOOST_TEST(hex_of(base::sha256(as_bytes("abc"))) ==
             "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  BOOST_TEST(hex_of(base::sha256(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))) ==
             "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  BOOST_TEST(hex_of(base::sha256(as_bytes(std::string(1'000'000, 'a')))) ==
             "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

BOOST_AUTO_TEST_CASE(parts_hash_as_their_concatenation) {
  std::mt19937_64 engine = seeded_engine();
  const std::string bytes = random_bytes(engine, 200);
  const base::Hash whole = base::sha256(as_bytes(bytes));
  for (std::size_t cut = 0; cut <= bytes.size(); cut += 9) {
    const ByteSpan parts[] = {as_bytes(bytes).first(cut), {}, as_bytes(bytes).subspan(cut)};
    BOOST_TEST((base::sha256(parts) == whole));
    base::Sha256 incremental;
    incremental.update(parts[0]);
    incremental.update(parts[2]);
    BOOST_TEST((incremental.finish() == whole));
  }
}

BOOST_AUTO_TEST_CASE(an_incremental_hash_starts_anew_after_finish) {
  base::Sha256 incremental;
  BOOST_TEST((incremental.finish() == base::sha256(ByteSpan())));
  incremental.update(as_bytes("abc"));
  // A one-shot hash on the same thread does not disturb it.
  const base::Hash other = base::sha256(as_bytes("other"));
  const base::Hash first = incremental.finish();
  BOOST_TEST((first == base::sha256(as_bytes("abc"))));
  BOOST_TEST((first != other));
  incremental.update(as_bytes("abc"));
  BOOST_TEST((incremental.finish() == first));
}

BOOST_AUTO_TEST_CASE(threads_hash_without_disturbing_each_other) {
  const base::Hash expected = base::sha256(as_bytes(std::string(3000, 'q')));
  std::vector<std::thread> threads;
  threads.reserve(4);
  std::atomic<int> wrong{0};
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const std::string text(3000, 'q');
      for (int round = 0; round < 200; ++round) {
        wrong += base::sha256(as_bytes(text)) == expected ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  BOOST_TEST(wrong.load() == 0);
}

struct HmacVector {
  std::string key;
  std::string message;
  std::string_view mac;
};

/// RFC 4231, test cases 1–4, 6 and 7 (5 is cut to 128 bits).
std::vector<HmacVector> hmac_vectors() {
  return {{std::string(20, '\x0b'), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
          {"Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
          {std::string(20, '\xaa'), std::string(50, '\xdd'),
           "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
          {unhex("0102030405060708090a0b0c0d0e0f10111213141516171819"), std::string(50, '\xcd'),
           "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
          {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
           "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
          {std::string(131, '\xaa'),
           "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be "
           "hashed before being used by the HMAC algorithm.",
           "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"}};
}

BOOST_AUTO_TEST_CASE(hmac_meets_the_vectors_of_rfc_4231) {
  for (const HmacVector& vector : hmac_vectors()) {
    BOOST_TEST(hex_of(base::hmac_sha256(as_bytes(vector.key), as_bytes(vector.message))) == vector.mac);
  }
}

BOOST_AUTO_TEST_CASE(hmac_agrees_with_libcrypto_around_the_block_size) {
  std::mt19937_64 engine = seeded_engine();
  for (const std::size_t key_bytes : {0U, 1U, 32U, 63U, 64U, 65U, 200U}) {
    for (const std::size_t message_bytes : {0U, 1U, 55U, 56U, 64U, 300U}) {
      const std::string key = random_bytes(engine, key_bytes);
      const std::string message = random_bytes(engine, message_bytes);
      base::Hash theirs{};
      unsigned size = 0;
      BOOST_TEST_REQUIRE(::HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                                reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                                reinterpret_cast<unsigned char*>(theirs.data()), &size) != nullptr);
      BOOST_TEST((base::hmac_sha256(as_bytes(key), as_bytes(message)) == theirs));
    }
  }
}

BOOST_AUTO_TEST_CASE(equal_secret_compares_length_and_bytes) {
  BOOST_TEST(base::equal_secret(as_bytes(""), ByteSpan()));
  BOOST_TEST(base::equal_secret(as_bytes("secret"), as_bytes(std::string("secret"))));
  BOOST_TEST(!base::equal_secret(as_bytes("secret"), as_bytes("secreT")));
  BOOST_TEST(!base::equal_secret(as_bytes("secret"), as_bytes("secre")));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(seams)

BOOST_AUTO_TEST_CASE(system_clock_tells_this_century_and_runs_forward) {
  const std::shared_ptr<Clock> clock = system_clock();
  BOOST_TEST((clock == system_clock()));
  constexpr std::int64_t kYear2020 = 1'577'836'800;
  BOOST_TEST(clock->now().ns > kYear2020 * kNsPerSecond);
  const std::int64_t before = clock->boot_ns();
  BOOST_TEST(clock->boot_ns() >= before);
}

BOOST_AUTO_TEST_CASE(a_manual_clock_moves_as_told) {
  ManualClock clock(Timestamp{1000}, 50);
  clock.advance(Duration{2});
  BOOST_TEST(clock.now().ns == 2'000'001'000);
  BOOST_TEST(clock.boot_ns() == 2'000'000'050);
  clock.set(Timestamp{7});
  BOOST_TEST(clock.now().ns == 7);
  BOOST_TEST(clock.boot_ns() == 2'000'000'050);
  clock.advance_ns(3);
  BOOST_TEST(clock.now().ns == 10);
}

BOOST_AUTO_TEST_CASE(os_random_fills_all_of_it_and_never_the_same) {
  const std::shared_ptr<RandomSource> random = os_random();
  BOOST_TEST(!random->is_seeded());
  for (const std::size_t size : {0U, 1U, 16U, 256U, 257U, 5000U}) {
    std::vector<std::byte> first(size);
    std::vector<std::byte> second(size);
    BOOST_TEST(random->fill(first).has_value());
    BOOST_TEST(random->fill(second).has_value());
    if (size >= 16) {
      BOOST_TEST((first != second));
      // 16 zero bytes at the end would be a piece that was left out, at odds of 1 in 2^128.
      BOOST_TEST(std::any_of(first.end() - 16, first.end(), [](std::byte b) { return b != std::byte{0}; }));
    }
  }
}

BOOST_AUTO_TEST_CASE(seeded_random_repeats_itself) {
  SeededRandom first(7);
  SeededRandom second(7);
  SeededRandom other(8);
  BOOST_TEST(first.is_seeded());
  std::array<std::byte, 37> a{};
  std::array<std::byte, 37> b{};
  std::array<std::byte, 37> c{};
  BOOST_TEST(first.fill(a).has_value());
  BOOST_TEST(second.fill(b).has_value());
  BOOST_TEST(other.fill(c).has_value());
  BOOST_TEST((a == b));
  BOOST_TEST((a != c));
  BOOST_TEST(first.fill(b).has_value());
  BOOST_TEST((a != b));
  // Golden files are made with it: SplitMix64 from seed 0, as published with the algorithm.
  SeededRandom zero(0);
  std::array<std::byte, 16> golden{};
  BOOST_TEST(zero.fill(golden).has_value());
  BOOST_TEST(base::load_le<std::uint64_t>(golden.data()) == 0xe220a8397b1dcdafU);
  BOOST_TEST(base::load_le<std::uint64_t>(golden.data() + 8) == 0x6e789e6aa1b965f4U);
}

BOOST_AUTO_TEST_CASE(the_null_sink_swallows_lines) {
  null_log_sink()->log(LogLevel::kError, "nobody hears this");
  BOOST_TEST(to_string(LogLevel::kDebug) == "debug");
  BOOST_TEST(to_string(LogLevel::kWarning) == "warning");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace carnet
