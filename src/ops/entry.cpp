// SPDX-License-Identifier: BSD-3-Clause
// The entries of all families behind one door, and arithmetic on symbols.
#include <backtrail/ops/arithmetic.hpp>

#include <algorithm>
#include <cassert>
#include <utility>

namespace backtrail {

namespace detail {
template <op_family F>
std::span<const op_entry> entries_of(); // one source per family: rules.hpp
}

std::span<const op_entry> entries(op_family f)
{
    static const auto all = []<std::size_t... F>(std::index_sequence<F...>) {
        return std::array{detail::entries_of<static_cast<op_family>(F)>()...};
    }(std::make_index_sequence<op_family_count>{});
    return all[static_cast<std::size_t>(f)];
}

std::size_t index_named(std::string_view name)
{
    for (std::size_t f = 0; f < op_family_count; ++f) {
        const auto all = entries(static_cast<op_family>(f));
        const auto found = std::ranges::find(all, name, &op_entry::name);
        if (found != all.end()) {
            return f * op_family_capacity + static_cast<std::size_t>(found - all.begin());
        }
    }
    assert(!"no op has this name");
    return 0;
}

symbol operator-(const symbol& x) { return call<ops::Neg>(x); }
symbol operator+(const symbol& x, const symbol& y) { return call<ops::Add>(x, y); }
symbol operator-(const symbol& x, const symbol& y) { return call<ops::Sub>(x, y); }
symbol operator*(const symbol& x, const symbol& y) { return call<ops::Mul>(x, y); }
symbol operator/(const symbol& x, const symbol& y) { return call<ops::Div>(x, y); }

} // namespace backtrail
