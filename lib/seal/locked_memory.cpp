// SPDX-License-Identifier: Apache-2.0
//
// Slabs of anonymous memory, cut into slots.
#include "seal/locked_memory.hpp"

#include "base/check.hpp"

#include <openssl/crypto.h>

#include <memory>
#include <sys/mman.h>

namespace carnet::seal {
namespace {

constexpr std::size_t kSlabBytes = std::size_t{64} * 1024;
constexpr std::size_t kSlabSlots = kSlabBytes / kSecretBytes;

}  // namespace

LockedPool::~LockedPool() {
  CARNET_ASSERT(free_.size() == slabs_.size() * kSlabSlots, "no secret outlives its pool");
  for (void* const slab : slabs_) {
    ::munmap(slab, kSlabBytes);
  }
}

SecretBytes* LockedPool::take() {
  const std::lock_guard lock(mutex_);
  if (free_.empty()) {
    add_slab();
  }
  SecretBytes* const slot = free_.back();
  free_.pop_back();
  return slot;
}

void LockedPool::give_back(SecretBytes* slot) noexcept {
  OPENSSL_cleanse(slot->data(), slot->size());
  const std::lock_guard lock(mutex_);
  free_.push_back(slot);  // never allocates: add_slab() reserved room for every slot
}

bool LockedPool::is_locked() const {
  const std::lock_guard lock(mutex_);
  return locked_;
}

void LockedPool::add_slab() {
  void* const slab = ::mmap(nullptr, kSlabBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CARNET_ASSERT(slab != MAP_FAILED, "the system gives a page for secrets");
  locked_ = ::mlock(slab, kSlabBytes) == 0 && locked_;
  ::madvise(slab, kSlabBytes, MADV_DONTDUMP);
  slabs_.push_back(slab);
  free_.reserve(slabs_.size() * kSlabSlots);
  auto* const bytes = static_cast<std::byte*>(slab);
  for (std::size_t i = kSlabSlots; i-- > 0;) {
    free_.push_back(std::construct_at(reinterpret_cast<SecretBytes*>(bytes + i * kSecretBytes)));
  }
}

}  // namespace carnet::seal
