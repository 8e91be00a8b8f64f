#include <algorithm>
#include <cmath>
#include <vector>

#include "backend/ref/ref_ops.h"

namespace myna::backend::ref {
namespace {

double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

std::vector<float> dequantize(const ops::WeightView& view, size_t rows) {
  std::vector<float> values(view.size());
  const size_t columns = view.size() / rows;
  for (size_t i = 0; i < values.size(); ++i) values[i] = view.at(i, i / columns);
  return values;
}

}  // namespace

void attention(ops::ConstRows q, ops::ConstRows k, ops::ConstRows v, size_t heads, ops::Rows y) {
  const size_t width = q.channels / heads;
  const double scale = 1.0 / std::sqrt(static_cast<double>(width));
  std::vector<double> scores(k.rows);
  for (size_t head = 0; head < heads; ++head) {
    const size_t first = head * width;
    for (size_t t = 0; t < q.rows; ++t) {
      for (size_t s = 0; s < k.rows; ++s) {
        double dot = 0;
        for (size_t c = first; c < first + width; ++c) {
          dot += static_cast<double>(q.row(t)[c]) * k.row(s)[c];
        }
        scores[s] = dot * scale;
      }
      const double highest = *std::max_element(scores.begin(), scores.end());
      double total = 0;
      for (double& score : scores) total += score = std::exp(score - highest);
      for (size_t c = first; c < first + width; ++c) {
        double sum = 0;
        for (size_t s = 0; s < k.rows; ++s) sum += scores[s] * v.row(s)[c];
        y.row(t)[c] = static_cast<float>(sum / total);
      }
    }
  }
}

LstmWeights make_lstm(size_t input, size_t hidden, const ops::LstmDirection& direction) {
  LstmWeights weights{input, hidden, dequantize(direction.input_weight, 4 * hidden),
                      dequantize(direction.recurrent_weight, 4 * hidden),
                      std::vector<float>(4 * hidden)};
  for (size_t i = 0; i < weights.bias.size(); ++i) {
    weights.bias[i] = direction.input_bias[i] + direction.recurrent_bias[i];
  }
  return weights;
}

void lstm(const LstmWeights& weights, ops::ConstRows x, Direction direction, ops::Rows y) {
  const size_t hidden = weights.hidden;
  std::vector<float> state(hidden, 0.0f), cell(hidden, 0.0f);
  std::vector<double> gates(4 * hidden);
  for (size_t step = 0; step < x.rows; ++step) {
    const size_t t = direction == Direction::kForward ? step : x.rows - 1 - step;
    for (size_t g = 0; g < 4 * hidden; ++g) {
      double sum = weights.bias[g];
      for (size_t i = 0; i < weights.input; ++i) {
        sum += static_cast<double>(weights.input_weight[g * weights.input + i]) * x.row(t)[i];
      }
      for (size_t i = 0; i < hidden; ++i) {
        sum += static_cast<double>(weights.recurrent_weight[g * hidden + i]) * state[i];
      }
      gates[g] = sum;
    }
    for (size_t i = 0; i < hidden; ++i) {
      const double input_gate = sigmoid(gates[i]);
      const double forget_gate = sigmoid(gates[hidden + i]);
      const double candidate = std::tanh(gates[2 * hidden + i]);
      const double output_gate = sigmoid(gates[3 * hidden + i]);
      cell[i] = static_cast<float>(forget_gate * cell[i] + input_gate * candidate);
      state[i] = static_cast<float>(output_gate * std::tanh(static_cast<double>(cell[i])));
      y.row(t)[i] = state[i];
    }
  }
}

}  // namespace myna::backend::ref
