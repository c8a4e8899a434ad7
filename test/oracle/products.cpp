// SPDX-License-Identifier: BSD-3-Clause
// Registry: products of matrices and vectors.
#include "registry.hpp"

namespace oracle {

void add_products(registry& ops)
{
    ops.add("matmul", {[](const op_variant&, const arguments& in) {
                           return outputs{bt::matmul(in[0], in[1])};
                       },
                       &terms_contracted});
    ops.add("dot",
            {[](const op_variant&, const arguments& in) { return outputs{bt::dot(in[0], in[1])}; },
             &terms_contracted});
}

} // namespace oracle
