% Reference values of the metrics in the `matlab` and `standard` conventions, for the tests of @refusion/metrics.
% Written from the formulas, apart from the TypeScript, for GNU Octave without packages:
%
%   octave-cli --quiet tools/references/matlab_metrics.m
%
% Reads fixtures/metrics-own, writes fixtures/metrics-matlab/metrics-matlab.json. The ground truth of PSNR-R, SSIM-R and
% MAE-R is source a. MS-SSIM is taken of images enlarged four times by repetition, since it needs 161x161 pixels.
1;

function r = pearson(x, y)
  x = x(:) - mean(x(:));
  y = y(:) - mean(y(:));
  r = (x' * y) / (norm(x) * norm(y));
end

function e = entropy_bits(counts)
  p = counts(counts > 0) / sum(counts(:));
  e = -sum(p .* log2(p));
end

function [i, hx, hy] = mutual_information_bits(x, y)
  joint = accumarray([x(:) + 1, y(:) + 1], 1, [256, 256]);
  hx = entropy_bits(sum(joint, 2));
  hy = entropy_bits(sum(joint, 1));
  i = hx + hy - entropy_bits(joint);
end

function w = gaussian(n, sigma)
  [x, y] = meshgrid(-(n - 1) / 2:(n - 1) / 2);
  w = exp(-(x .^ 2 + y .^ 2) / (2 * sigma ^ 2));
  w = w / sum(w(:));
end

function [vx, vy, vxy, mx, my] = local_moments(x, y, w)
  local = @(z) conv2(z, w, 'valid');
  mx = local(x);
  my = local(y);
  vx = local(x .* x) - mx .^ 2;
  vy = local(y .* y) - my .^ 2;
  vxy = local(x .* y) - mx .* my;
end

function [s, cs] = ssim_pair(x, y)
  [vx, vy, vxy, mx, my] = local_moments(x, y, gaussian(11, 1.5));
  c1 = (0.01 * 255) ^ 2;
  c2 = (0.03 * 255) ^ 2;
  contrast = (2 * vxy + c2) ./ (vx + vy + c2);
  luminance = (2 * mx .* my + c1) ./ (mx .^ 2 + my .^ 2 + c1);
  s = mean((luminance .* contrast)(:));
  cs = mean(contrast(:));
end

function m = ms_ssim_pair(x, y)
  exponents = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];
  m = 1;
  for scale = 1:5
    if scale > 1
      x = half_size(x);
      y = half_size(y);
    end
    [s, cs] = ssim_pair(x, y);
    if scale == 5
      m = m * s ^ exponents(5);
    else
      m = m * cs ^ exponents(scale);
    end
  end
end

function h = half_size(x)
  if mod(rows(x), 2)
    x = [x; x(end, :)];
  end
  if mod(columns(x), 2)
    x = [x, x(:, end)];
  end
  h = conv2(x, ones(2) / 4, 'valid')(1:2:end, 1:2:end);
end

function v = vif_pair(source, fused)
  kept = 0;
  total = 0;
  for n = [17, 9, 5, 3]
    w = gaussian(n, n / 5);
    if n < 17
      source = conv2(source, w, 'valid')(1:2:end, 1:2:end);
      fused = conv2(fused, w, 'valid')(1:2:end, 1:2:end);
    end
    [vs, vf, vsf] = local_moments(source, fused, w);
    vs(vs < 1e-10) = 0;
    vf(vf < 1e-10) = 0;
    g = max(0, vsf) ./ (vs + 1e-10) .* (vs > 0) .* (vf > 0);
    noise = max(1e-10, vf - g .* vsf);
    kept += sum(log2(1 + g .^ 2 .* vs ./ (noise + 2))(:));
    total += sum(log2(1 + vs / 2)(:));
  end
  v = kept / total;
end

function [g, alpha] = edges_xydeas(x)
  sx = conv2(x, [-1, 0, 1; -2, 0, 2; -1, 0, 1], 'same');
  sy = conv2(x, [1, 2, 1; 0, 0, 0; -1, -2, -1], 'same');
  g = sqrt(sx .^ 2 + sy .^ 2);
  alpha = atan(sy ./ sx);
  alpha(sx == 0) = pi / 2;
end

function q = qabf(f, sources, equal_is_one)
  [gf, af] = edges_xydeas(f);
  nominator = 0;
  denominator = 0;
  for k = 1:2
    [gs, as] = edges_xydeas(sources{k});
    ratio = min(gs, gf) ./ max(gs, gf);
    same = gs == gf;
    if equal_is_one
      ratio(same) = 1;
    else
      ratio(same) = gf(same);
    end
    turn = 1 - abs(as - af) / (pi / 2);
    preserved = 0.9994 ./ (1 + exp(-15 * (ratio - 0.5))) .* 0.9879 ./ (1 + exp(-22 * (turn - 0.8)));
    nominator += sum((preserved .* gs)(:));
    denominator += sum(gs(:));
  end
  q = nominator / denominator;
end

function [g, alpha] = edges_kumar(x)
  rows_of = [2, 1:rows(x), rows(x) - 1];
  columns_of = [2, 1:columns(x), columns(x) - 1];
  x = x(rows_of, columns_of);
  % conv2 turns the mask around; both signs change, and their ratio does not.
  v = conv2(x, [-1, 0, 1; -2, 0, 2; -1, 0, 1] / 8, 'valid');
  h = conv2(x, [-1, -2, -1; 0, 0, 0; 1, 2, 1] / 8, 'valid');
  g = sqrt(v .^ 2 + h .^ 2);
  alpha = atan(v ./ h);
  alpha(g == 0) = 0;
end

function n = nabf(f, sources)
  [gf, af] = edges_kumar(f);
  new = true(size(f));
  lost = zeros(size(f));
  weights = zeros(size(f));
  for k = 1:2
    [gs, as] = edges_kumar(sources{k});
    new &= gf > gs;
    ratio = min(gs, gf) ./ max(gs, gf);
    ratio(gs == 0 | gf == 0) = 0;
    turn = abs(abs(as - af) - pi / 2) * 2 / pi;
    strength = 0.9999 ./ (1 + exp(-19 * (ratio - 0.5)));
    orientation = 0.9995 ./ (1 + exp(-22 * (turn - 0.5)));
    w = 0.001 * ones(size(f));
    w(gs >= 2) = gs(gs >= 2) .^ 1.5;
    lost += w .* (1 - sqrt(strength .* orientation));
    weights += w;
  end
  n = sum((new .* lost)(:)) / sum(weights(:));
end

function h = entropy_of(p)
  p = p(p != 0);
  h = -sum(p .* log2(abs(p)));
end

function p = distribution(window)
  p = window(:) - min(window(:));
  if any(p)
    p = p / sum(p);
  else
    p = ones(9, 1) / 9;
  end
end

function i = window_information(f, s)
  if isequal(f, s)
    i = 1;
    return;
  end
  i = 0;
  if all(f(:) == f(1)) || all(s(:) == s(1))
    return;
  end
  p = distribution(f);
  q = distribution(s);
  places = (1:9)';
  deviation = @(r) sqrt(max(0, r' * places .^ 2 - (r' * places) ^ 2));
  if sum(p > 0) == 1 || sum(q > 0) == 1
    return;
  end
  c = pearson(p, q);
  [upto_q, upto_p] = meshgrid(cumsum(q), cumsum(p));
  if c >= 0
    bound = min(upto_p, upto_q);
  else
    bound = max(upto_p + upto_q - 1, 0);
  end
  % Hoeffding's formula for the covariance.
  covariance = sum((bound - upto_p .* upto_q)(:));
  share = c / (covariance / (deviation(p) * deviation(q)));
  padded = zeros(10);
  padded(2:end, 2:end) = bound;
  joint = share * diff(diff(padded, 1, 1), 1, 2) + (1 - share) * p * q';
  both = entropy_of(p) + entropy_of(q);
  i = 2 * (both - entropy_of(joint)) / both;
end

function m = fmi(f, sources)
  total = 0;
  for r = 1:rows(f) - 2
    for c = 1:columns(f) - 2
      window = @(x) x(r:r + 2, c:c + 2);
      total += window_information(window(f), window(sources{1})) + window_information(window(f), window(sources{2}));
    end
  end
  m = total / (2 * (rows(f) - 2) * (columns(f) - 2));
end

function s = scores(f, a, b)
  [h, w] = size(f);
  sources = {a, b};
  horizontal = diff(f, 1, 2) .^ 2;
  vertical = diff(f, 1, 1) .^ 2;
  [gx, gy] = gradient(f);
  forward = sqrt((diff(f, 1, 2)(1:end - 1, :) .^ 2 + diff(f, 1, 1)(:, 1:end - 1) .^ 2) / 2);
  [ia, hf, ha] = mutual_information_bits(f, a);
  [ib, hf, hb] = mutual_information_bits(f, b);
  mse = (mean((f - a)(:) .^ 2) + mean((f - b)(:) .^ 2)) / 2;
  deviations = @(x, m) x(:) - m;
  slipped = @(x) (deviations(x, mean(a(:)))' * deviations(f, mean(f(:)))) / (norm(deviations(x, mean(a(:)))) * norm(deviations(f, mean(f(:)))));
  vif_a = vif_pair(a, f);
  vif_b = vif_pair(b, f);
  large = @(x) kron(x, ones(4));

  shared.EN = entropy_bits(accumarray(f(:) + 1, 1, [256, 1]));
  shared.SD = std(f(:), 1);
  shared.SCD = pearson(f - b, a) + pearson(f - a, b);
  shared.SSIM = (ssim_pair(f, a) + ssim_pair(f, b)) / 2;
  shared.MI = ia + ib;
  shared.NMI = 2 * (ia / (hf + ha) + ib / (hf + hb));
  shared.Nabf = nabf(f, sources);
  shared.('MS-SSIM') = (ms_ssim_pair(large(f), large(a)) + ms_ssim_pair(large(f), large(b))) / 2;
  shared.FMI = fmi(f, sources);
  shared.('PSNR-R') = 10 * log10(255 ^ 2 / mean((f - a)(:) .^ 2));
  shared.('SSIM-R') = ssim_pair(f, a);
  shared.('MAE-R') = mean(abs(f - a)(:));

  s.matlab = shared;
  s.matlab.SF = sqrt(mean(horizontal(:)) + mean(vertical(:)));
  s.matlab.AG = sum(sqrt((gx .^ 2 + gy .^ 2) / 2)(:)) / ((h - 1) * (w - 1));
  s.matlab.VIF = vif_a + vif_b;
  s.matlab.Qabf = qabf(f, sources, false);
  s.matlab.CC = (slipped(a) + slipped(b)) / 2;
  s.matlab.MSE = mse / 255 ^ 2;
  s.matlab.PSNR = 20 * log10(255 / sqrt(mse / 255 ^ 2));

  s.standard = shared;
  s.standard.SF = sqrt((sum(horizontal(:)) + sum(vertical(:))) / (h * w));
  s.standard.AG = mean(forward(:));
  s.standard.VIF = (vif_a + vif_b) / 2;
  s.standard.Qabf = qabf(f, sources, true);
  s.standard.CC = (pearson(f, a) + pearson(f, b)) / 2;
  s.standard.MSE = mse;
  s.standard.PSNR = 10 * log10(255 ^ 2 / mse);
end

function text = as_json(values)
  names = fieldnames(values);
  fields = cellfun(@(name) sprintf('"%s": %.17g', name, values.(name)), names, 'UniformOutput', false);
  text = ['{ ', strjoin(fields', ', '), ' }'];
end

fixtures = fullfile(fileparts(mfilename('fullpath')), '..', '..', 'fixtures');
own = fullfile(fixtures, 'metrics-own');
triplets = jsondecode(fileread(fullfile(own, 'metrics-own.json'))).triplets;
lines = {};
for k = 1:numel(triplets)
  if iscell(triplets)
    triplet = triplets{k};
  else
    triplet = triplets(k);
  end
  image = @(path) double(imread(fullfile(own, path)));
  s = scores(image(triplet.f), image(triplet.a), image(triplet.b));
  lines{end + 1} = sprintf('    { "id": "%s",\n      "matlab": %s,\n      "standard": %s }', triplet.id, as_json(s.matlab), as_json(s.standard));
  printf('%s\n', triplet.id);
end
out = fopen(fullfile(fixtures, 'metrics-matlab', 'metrics-matlab.json'), 'w');
command = 'octave-cli --quiet tools/references/matlab_metrics.m';
fprintf(out, '{\n  "tool": "GNU Octave %s",\n  "command": "%s",\n  "triplets": [\n%s\n  ]\n}\n', version(), command, strjoin(lines, ',\n'));
fclose(out);
