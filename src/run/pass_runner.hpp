// SPDX-License-Identifier: BSD-3-Clause
// Runs a pass of a plan: each worker, with a frame of memory of its own, takes chunks, walks over their
// tiles, and runs all calls on a tile before it goes on.
#pragma once

#include <backtrail/plan/plan.hpp>
#include <backtrail/run/tiles.hpp>

namespace backtrail {

struct total_block;

/// Where the arrays of a plan lie at the moment.
struct bound_memory {
    std::span<std::byte* const> bases;
    /// By base: memory that may not be touched past its end.
    std::span<const char> is_exact;
    bool has_exact = false; ///< there is some
};

class pass_runner {
public:
    pass_runner(const plan& p, const pass& what, const bound_memory& memory, bool is_backward)
        : plan_(p), pass_(what), memory_(memory), is_backward_(is_backward)
    {}

    /// Memory that a worker needs.
    [[nodiscard]] static std::size_t frame_bytes(const plan& p, const pass& what, bool is_exact);
    /// How many workers are worth while.
    [[nodiscard]] static std::size_t workers(const pass& what);

    /// Makes the frame of a worker ready.
    void begin(std::byte* frame) const;
    void run_chunk(std::byte* frame, std::size_t chunk) const;
    /// After all chunks: combines what they left.
    void finish() const;

private:
    struct frame;
    struct tile_span {
        std::size_t start, count; ///< elements
        std::size_t row, column;  ///< of the first
    };

    [[nodiscard]] std::byte* address(std::uint32_t operand) const
    {
        const backtrail::operand& o = plan_.operands[operand];
        return memory_.bases[o.base] + o.offset;
    }
    /// Where a tile of a stream lies that is read or written in its array.
    [[nodiscard]] static std::byte* tile_at(std::byte* origin, const stream& s, const tile_span& t)
    {
        const auto row = static_cast<std::ptrdiff_t>(t.row);
        const auto column = static_cast<std::ptrdiff_t>(t.column);
        return origin + (row * s.row_step + column) * static_cast<std::ptrdiff_t>(size_of(s.type));
    }
    /// True if the tile ends with an array that may not be touched past its end.
    [[nodiscard]] bool is_at_edge(const stream& s, const tile_span& t) const
    {
        return memory_.has_exact && t.start + t.count == pass_.elements() &&
               memory_.is_exact[plan_.operands[s.array].base] != 0;
    }
    [[nodiscard]] const stream& stream_at(std::uint32_t s) const
    {
        return plan_.streams[pass_.first_stream + s];
    }
    [[nodiscard]] const member& member_at(std::uint32_t m) const
    {
        return plan_.members[pass_.first_member + m];
    }
    [[nodiscard]] array_view view_of(std::uint32_t operand) const;

    void run_tile(frame& f, const tile_span& t, std::size_t chunk) const;
    void run_member(frame& f, std::uint32_t m, const tile_span& t, std::size_t chunk) const;
    void use_edge(frame& f, std::uint32_t s, const tile_span& t) const;
    void fill(frame& f, std::uint32_t s, const tile_span& t) const;
    void put_away(frame& f, std::uint32_t s, const tile_span& t) const;
    void call(frame& f, const member& m, const tile_span& t) const;
    void pull_back(frame& f, const member& m, const tile_span& t) const;
    template <class T>
    void pull_back_sums(frame& f, const member& m, const tile_span& t, reverse_tile tile) const;

    void begin_chunk(frame& f, std::size_t chunk) const;
    void fold_tile(frame& f, const member& m, std::uint32_t index, const tile_span& t,
                   std::size_t chunk) const;
    template <class T>
    void add_to_total(const member& m, total_block& block, const T* x, const tile_span& t) const;
    template <class T>
    void reduce_rows(const member& m, std::byte* state, const T* x, const tile_span& t) const;
    template <class T>
    void logsumexp_of_rows(const member& m, std::byte* state, const T* x, const tile_span& t) const;
    template <class T>
    void add_to_columns(const member& m, T* block, const T* x, const tile_span& t,
                        std::size_t chunk) const;
    template <class T>
    void finish_total(const member& m) const;
    template <class T>
    void finish_columns(const member& m) const;
    void gather(const frame& f, const member& m, const tile_span& t, std::size_t chunk) const;
    template <class T>
    void gather_rows(const frame& f, const member& m, const tile_span& t, std::size_t chunk) const;
    void finish_gather(const member& m) const;
    template <class T>
    void add_late_rows(const member& m) const;
    template <class T>
    [[nodiscard]] T* late_row(const member& m, std::size_t chunk, std::size_t row,
                              std::size_t part) const;
    [[nodiscard]] std::size_t state_bytes(const member& m) const;
    template <class T>
    [[nodiscard]] T* columns_of(const member& m, std::size_t chunk) const;

    const plan& plan_;
    const pass& pass_;
    const bound_memory& memory_;
    bool is_backward_; ///< takes blocks from the end, where their order does not matter
};

} // namespace backtrail
