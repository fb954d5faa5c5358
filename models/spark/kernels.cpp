// The parts of a training step that torch does in many passes over memory, each in one: called from fast.py by ctypes.
// Every array is float32, row-major and contiguous; one thread. Built by fast.py:
//   g++ -O3 -march=native -ffast-math -shared -fPIC kernels.cpp -o kernels.so libopenblas.so.0
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

extern "C" void cblas_sgemm(int order, int ta, int tb, int m, int n, int k, float alpha, const float* a, int lda,
                            const float* b, int ldb, float beta, float* c, int ldc);

namespace {

constexpr int kRowMajor = 101, kPlain = 111, kTransposed = 112;
constexpr int kQueryBlock = 64;

// exp by 2^n * p(r), |r| <= ln2/2, degree 6: relative error under 3e-7; inputs under -87 give about 0.
inline float fast_exp(float x) {
    x = std::max(x, -87.0f);
    const float n = std::floor(x * 1.44269504f + 0.5f);
    const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    float p = 1.0f / 720;
    p = p * r + 1.0f / 120;
    p = p * r + 1.0f / 24;
    p = p * r + 1.0f / 6;
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    const int32_t bits = (static_cast<int32_t>(n) + 127) << 23;
    float scale;
    std::memcpy(&scale, &bits, sizeof scale);
    return p * scale;
}

// direction +1 rotates, -1 rotates back (which is also the gradient).
void rotate(float* x, const float* from, const float* cosines, const float* sines, int time, int heads, int head_dim,
            float direction) {
    const int half = head_dim / 2;
    for (int t = 0; t < time; ++t) {
        const float* c = cosines + t * half;
        const float* s = sines + t * half;
        for (int h = 0; h < heads; ++h) {
            const int64_t at = (static_cast<int64_t>(t) * heads + h) * head_dim;
            for (int i = 0; i < half; ++i) {
                const float even = from[at + 2 * i], odd = from[at + 2 * i + 1], sine = s[i] * direction;
                x[at + 2 * i] = even * c[i] - odd * sine;
                x[at + 2 * i + 1] = even * sine + odd * c[i];
            }
        }
    }
}

void gemm(bool ta, bool tb, int m, int n, int k, float alpha, const float* a, int lda, const float* b, int ldb,
          float beta, float* c, int ldc) {
    cblas_sgemm(kRowMajor, ta ? kTransposed : kPlain, tb ? kTransposed : kPlain, m, n, k, alpha, a, lda, b, ldb, beta, c,
                ldc);
}

}  // namespace

extern "C" {

void spark_rope(float* x, const float* from, const float* cosines, const float* sines, int batch, int time, int heads,
                int head_dim, float direction) {
    const int64_t step = static_cast<int64_t>(time) * heads * head_dim;
    for (int b = 0; b < batch; ++b) rotate(x + b * step, from + b * step, cosines, sines, time, heads, head_dim, direction);
}

// q, k, v, out: (batch, time, heads * head_dim), q and k already rotated. lse: (batch, heads, time).
void spark_attention(const float* q, const float* k, const float* v, float* out, float* lse, int batch, int time,
                     int heads, int head_dim) {
    const int dim = heads * head_dim;
    const float scale = 1.0f / std::sqrt(static_cast<float>(head_dim));
    std::vector<float> score(static_cast<size_t>(kQueryBlock) * time);
    for (int b = 0; b < batch; ++b)
        for (int h = 0; h < heads; ++h) {
            const int64_t base = static_cast<int64_t>(b) * time * dim + h * head_dim;
            float* sums = lse + (static_cast<int64_t>(b) * heads + h) * time;
            for (int lo = 0; lo < time; lo += kQueryBlock) {
                const int rows = std::min(kQueryBlock, time - lo), keys = lo + rows;
                gemm(false, true, rows, keys, head_dim, scale, q + base + static_cast<int64_t>(lo) * dim, dim, k + base,
                     dim, 0, score.data(), keys);
                for (int r = 0; r < rows; ++r) {
                    float* s = score.data() + static_cast<int64_t>(r) * keys;
                    const int live = lo + r + 1;
                    float top = s[0], sum = 0;
                    for (int j = 1; j < live; ++j) top = std::max(top, s[j]);
                    for (int j = 0; j < live; ++j) sum += s[j] = fast_exp(s[j] - top);
                    const float inverse = 1.0f / sum;
                    for (int j = 0; j < live; ++j) s[j] *= inverse;
                    std::fill(s + live, s + keys, 0.0f);
                    sums[lo + r] = top + std::log(sum);
                }
                gemm(false, false, rows, head_dim, keys, 1, score.data(), keys, v + base, dim, 0,
                     out + base + static_cast<int64_t>(lo) * dim, dim);
            }
        }
}

// The gradients dq, dk, dv (of the rotated q and k) from dout; the weights are computed again from lse.
void spark_attention_backward(const float* q, const float* k, const float* v, const float* out, const float* lse,
                              const float* dout, float* dq, float* dk, float* dv, int batch, int time, int heads,
                              int head_dim) {
    const int dim = heads * head_dim;
    const float scale = 1.0f / std::sqrt(static_cast<float>(head_dim));
    std::vector<float> weight(static_cast<size_t>(kQueryBlock) * time), change(weight.size());
    const int64_t all = static_cast<int64_t>(batch) * time * dim;
    std::fill(dk, dk + all, 0.0f);
    std::fill(dv, dv + all, 0.0f);
    for (int b = 0; b < batch; ++b)
        for (int h = 0; h < heads; ++h) {
            const int64_t base = static_cast<int64_t>(b) * time * dim + h * head_dim;
            const float* sums = lse + (static_cast<int64_t>(b) * heads + h) * time;
            for (int lo = 0; lo < time; lo += kQueryBlock) {
                const int rows = std::min(kQueryBlock, time - lo), keys = lo + rows;
                const int64_t here = base + static_cast<int64_t>(lo) * dim;
                gemm(false, true, rows, keys, head_dim, scale, q + here, dim, k + base, dim, 0, weight.data(), keys);
                gemm(false, true, rows, keys, head_dim, 1, dout + here, dim, v + base, dim, 0, change.data(), keys);
                for (int r = 0; r < rows; ++r) {
                    float* w = weight.data() + static_cast<int64_t>(r) * keys;
                    float* c = change.data() + static_cast<int64_t>(r) * keys;
                    const float* o = out + here + static_cast<int64_t>(r) * dim;
                    const float* d = dout + here + static_cast<int64_t>(r) * dim;
                    float dot = 0;
                    for (int i = 0; i < head_dim; ++i) dot += o[i] * d[i];
                    const int live = lo + r + 1;
                    const float sum = sums[lo + r];
                    for (int j = 0; j < live; ++j) {
                        w[j] = fast_exp(w[j] - sum);
                        c[j] = w[j] * (c[j] - dot) * scale;
                    }
                    std::fill(w + live, w + keys, 0.0f);
                    std::fill(c + live, c + keys, 0.0f);
                }
                gemm(true, false, keys, head_dim, rows, 1, weight.data(), keys, dout + here, dim, 1, dv + base, dim);
                gemm(true, false, keys, head_dim, rows, 1, change.data(), keys, q + here, dim, 1, dk + base, dim);
                gemm(false, false, rows, head_dim, keys, 1, change.data(), keys, k + base, dim, 0, dq + here, dim);
            }
        }
}

// out = x / rms(x) * weight; inverse: (rows).
void spark_norm(const float* x, const float* weight, float* out, float* inverse, int64_t rows, int dim, float eps) {
    for (int64_t r = 0; r < rows; ++r) {
        const float* a = x + r * dim;
        float sum = 0;
        for (int i = 0; i < dim; ++i) sum += a[i] * a[i];
        const float scale = inverse[r] = 1.0f / std::sqrt(sum / dim + eps);
        for (int i = 0; i < dim; ++i) out[r * dim + i] = a[i] * scale * weight[i];
    }
}

void spark_norm_backward(const float* x, const float* weight, const float* inverse, const float* dout, float* dx,
                         float* dweight, int64_t rows, int dim) {
    std::fill(dweight, dweight + dim, 0.0f);
    for (int64_t r = 0; r < rows; ++r) {
        const float *a = x + r * dim, *d = dout + r * dim;
        const float scale = inverse[r];
        float dot = 0;
        for (int i = 0; i < dim; ++i) dot += a[i] * d[i] * weight[i];
        const float pull = dot * scale * scale / dim;
        for (int i = 0; i < dim; ++i) {
            dweight[i] += a[i] * d[i] * scale;
            dx[r * dim + i] = scale * (d[i] * weight[i] - a[i] * pull);
        }
    }
}

// out = silu(gate) * up
void spark_swiglu(const float* gate, const float* up, float* out, int64_t n) {
    for (int64_t i = 0; i < n; ++i) out[i] = gate[i] / (1.0f + fast_exp(-gate[i])) * up[i];
}

void spark_swiglu_backward(const float* gate, const float* up, const float* dout, float* dgate, float* dup, int64_t n) {
    for (int64_t i = 0; i < n; ++i) {
        const float s = 1.0f / (1.0f + fast_exp(-gate[i])), silu = gate[i] * s;
        dup[i] = dout[i] * silu;
        dgate[i] = dout[i] * up[i] * (s + silu * (1.0f - s));
    }
}

// In place: logits become scale * (softmax - one-hot). Returns the summed cross entropy (nats).
double spark_cross_entropy(float* logits, const int64_t* target, int64_t rows, int vocab, float scale) {
    double total = 0;
    for (int64_t r = 0; r < rows; ++r) {
        float* l = logits + r * vocab;
        float top = l[0], sum = 0;
        for (int i = 1; i < vocab; ++i) top = std::max(top, l[i]);
        const float wanted = l[target[r]];
        for (int i = 0; i < vocab; ++i) sum += l[i] = fast_exp(l[i] - top);
        const float inverse = scale / sum;
        for (int i = 0; i < vocab; ++i) l[i] *= inverse;
        l[target[r]] -= scale;
        total += std::log(sum) + top - wanted;
    }
    return total;
}
}
