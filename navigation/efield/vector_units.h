// SPDX-License-Identifier: Apache-2.0
// A function compiled once for each width of vector unit, the best one chosen when the program starts.
#pragma once

// The sanitizers' run-time is not ready when that choice is made, so under them there is one version.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__) && \
    !defined(__SANITIZE_ADDRESS__)
#define PRECENTRAL_EACH_VECTOR_UNIT __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define PRECENTRAL_EACH_VECTOR_UNIT
#endif
