// A plain breadth-first search, to hold the checker against: every state of a made-up graph, stored side by side, compared
// in full, in a hash table with linear probing that is at most half full, with each state's parent. The graph has exactly
// STATES states of WIDTH 32-bit integers and TRANSITIONS transitions; checker.bench.ts has the same one.
//
//   c++ -O2 -std=c++17 -o breadth-first breadth-first.cpp && ./breadth-first STATES TRANSITIONS WIDTH
//
// Prints one line of JSON: what it found, and the seconds that it took.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

using std::uint32_t;

static const uint32_t EMPTY = UINT32_MAX;

// MurmurHash3's finaliser.
static uint32_t mix(uint32_t x) {
  x = (x ^ (x >> 16)) * 0x85ebca6bu;
  x = (x ^ (x >> 13)) * 0xc2b2ae35u;
  return x ^ (x >> 16);
}

class StateSet {
 public:
  explicit StateSet(size_t width) : width_(width), slots_(1 << 13, EMPTY) {}

  size_t size() const { return count_; }
  const uint32_t* at(size_t position) const { return &data_[position * width_]; }

  // The position of `state`, which is added where it is new.
  size_t add(const uint32_t* state) {
    size_t mask = slots_.size() - 1;
    size_t slot = hash(state) & mask;
    for (; slots_[slot] != EMPTY; slot = (slot + 1) & mask)
      if (std::memcmp(at(slots_[slot]), state, width_ * sizeof(uint32_t)) == 0) return slots_[slot];
    data_.insert(data_.end(), state, state + width_);
    slots_[slot] = static_cast<uint32_t>(count_);
    count_ += 1;
    if (2 * count_ > slots_.size()) rehash();
    return count_ - 1;
  }

 private:
  uint32_t hash(const uint32_t* state) const {
    uint32_t h = 0x811c9dc5u;
    for (size_t i = 0; i < width_; i++) h = (h ^ state[i]) * 0x01000193u;
    return mix(h);
  }

  void rehash() {
    slots_.assign(2 * slots_.size(), EMPTY);
    const size_t mask = slots_.size() - 1;
    for (size_t position = 0; position < count_; position++) {
      size_t slot = hash(at(position)) & mask;
      while (slots_[slot] != EMPTY) slot = (slot + 1) & mask;
      slots_[slot] = static_cast<uint32_t>(position);
    }
  }

  size_t width_;
  size_t count_ = 0;
  std::vector<uint32_t> data_;
  std::vector<uint32_t> slots_;
};

// State `index`: its number, and integers that look like any.
static void expand(uint32_t index, size_t width, uint32_t* into) {
  into[0] = index;
  for (size_t i = 1; i < width; i++) into[i] = mix(index * static_cast<uint32_t>(width) + static_cast<uint32_t>(i));
}

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: %s STATES TRANSITIONS WIDTH\n", argv[0]);
    return 2;
  }
  const uint32_t states = static_cast<uint32_t>(std::strtoul(argv[1], nullptr, 10));
  const uint64_t transitions = std::strtoull(argv[2], nullptr, 10);
  const size_t width = std::strtoul(argv[3], nullptr, 10);
  if (states == 0 || width == 0 || transitions + 1 < states) {
    std::fprintf(stderr, "%s: from 1 state and 1 integer on, and a transition to each state but the first\n", argv[0]);
    return 2;
  }
  // A tree reaches every state; the other transitions go anywhere.
  const uint64_t others = transitions - (states - 1);
  const auto started = std::chrono::steady_clock::now();
  StateSet set(width);
  std::vector<uint32_t> parents;
  std::vector<uint32_t> state(width), next(width);
  uint64_t taken = 0;
  size_t depth = 0, levelEnd = 1;
  expand(0, width, next.data());
  set.add(next.data());
  parents.push_back(EMPTY);
  for (size_t at = 0; at < set.size(); at++) {
    if (at == levelEnd) {
      depth += 1;
      levelEnd = set.size();
    }
    std::memcpy(state.data(), set.at(at), width * sizeof(uint32_t));
    const uint32_t index = state[0];
    const auto emit = [&](uint32_t to) {
      taken += 1;
      expand(to, width, next.data());
      if (set.add(next.data()) == parents.size()) parents.push_back(static_cast<uint32_t>(at));
    };
    for (uint64_t child = 2 * static_cast<uint64_t>(index) + 1; child <= 2 * static_cast<uint64_t>(index) + 2; child++)
      if (child < states) emit(static_cast<uint32_t>(child));
    for (uint64_t edge = index * others / states; edge < (index + 1) * others / states; edge++)
      emit(mix(static_cast<uint32_t>(edge)) % states);
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  std::printf("{\"states\":%zu,\"transitions\":%llu,\"depth\":%zu,\"seconds\":%.6f}\n", set.size(),
              static_cast<unsigned long long>(taken), depth, seconds);
  return 0;
}
