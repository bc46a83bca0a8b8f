"""The script of the page of gates: it draws the map and moves the cursor; words it takes from the page."""

SCRIPT = """\
'use strict';
(() => {
  const at = id => document.getElementById(id);
  const data = JSON.parse(at('data').textContent), map = at('map'), canvas = map.querySelector('canvas');
  const words = Array.from(document.querySelectorAll('.word')).map(word => word.textContent);
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const gates = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];
  const states = () => [[0, 114, 178], dark.matches ? [22, 24, 28] : [255, 255, 255], [213, 94, 0]];
  let track, shown, order, height, token = 0, row = 0, met = false;
  const decoded = part => {
    if (!part.numbers) {
      const bytes = Uint8Array.from(atob(part.data), letter => letter.charCodeAt(0));
      part.numbers = new Uint16Array(bytes.buffer);
    }
    return part.numbers;
  };
  const share = (part, time, unit) => decoded(part)[time * track.units + unit] / 65535;
  const value = (part, time, unit) => part.low + (part.high - part.low) * share(part, time, unit);
  const colour = (stops, part) => {
    const place = Math.min(part * (stops.length - 1), stops.length - 1.000001), left = Math.floor(place);
    return stops[left].map((low, channel) => Math.round(low + (stops[left + 1][channel] - low) * (place - left)));
  };
  const sized = (drawing, wide, high) => {
    const ratio = window.devicePixelRatio || 1, context = drawing.getContext('2d');
    drawing.width = Math.round(wide * ratio);
    drawing.height = Math.round(high * ratio);
    drawing.style.width = wide + 'px';
    drawing.style.height = high + 'px';
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    return context;
  };
  const life = unit => track.lives === null ? null : track.lives[unit];
  const told = number => number >= 1e6 ? '1,000,000 or more' : number >= 100 ? Math.round(number).toLocaleString('en')
    : number.toFixed(1);
  const activity = unit => {
    let sum = 0;
    for (let time = 0; time < data.tokens; time++) sum += Math.abs(value(track.values.hidden, time, unit));
    return sum / data.tokens;
  };
  const sorted = () => {
    const units = Array.from({length: track.units}, (_, unit) => unit), by = at('order').value;
    const key = by === 'activity' ? units.map(activity) : by === 'life' && track.lives ? track.lives : null;
    return key ? units.sort((one, other) => key[other] - key[one] || one - other) : units;
  };
  const draw = () => {
    track = data.tracks[at('track').value];
    shown = track.values[at('value').value];
    order = sorted();
    row = Math.min(row, track.units - 1);
    height = Math.max(3, Math.min(16, Math.floor(560 / track.units)));
    const stops = shown.signed ? states() : gates, wide = data.tokens * data.column;
    const context = sized(canvas, wide, height * track.units);
    const image = new ImageData(data.tokens, track.units);
    order.forEach((unit, line) => {
      for (let time = 0; time < data.tokens; time++) {
        const [red, green, blue] = colour(stops, share(shown, time, unit)), place = 4 * (line * data.tokens + time);
        image.data.set([red, green, blue, 255], place);
      }
    });
    const small = document.createElement('canvas');
    small.width = data.tokens;
    small.height = track.units;
    small.getContext('2d').putImageData(image, 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(small, 0, 0, wide, height * track.units);
    bars();
    const scale = at('scale').getContext('2d');
    for (let x = 0; x < 160; x++) {
      scale.fillStyle = 'rgb(' + colour(stops, x / 159).join(',') + ')';
      scale.fillRect(x, 0, 1, 12);
    }
    at('low').textContent = shown.low.toFixed(2).replace('-', '\\u2212');
    at('high').textContent = shown.high.toFixed(2);
    at('about').textContent = track.about[at('value').value];
    move();
  };
  const bars = () => {
    const ink = getComputedStyle(document.body).color, context = sized(at('lives'), 60, height * track.units);
    const by = at('order').value, lives = track.lives !== null && by !== 'activity';
    const most = Math.max(...order.map(activity)) || 1;
    const sizes = order.map(unit => lives ? Math.log2(1 + Math.min(life(unit), 1023)) / 10 : activity(unit) / most);
    context.fillStyle = ink;
    sizes.forEach((size, line) => {
      context.fillRect(0, line * height, Math.max(1, 58 * size), Math.max(1, height - 1));
    });
    at('axis').textContent = lives ? 'half-life, 0 to 1,023 tokens, log'
      : 'mean size of the hidden state, to ' + most.toFixed(2);
  };
  const move = () => {
    const unit = order[row], box = at('cursor').style, seen = Math.max(height, 7);
    at('cursor').hidden = !met;
    box.left = token * data.column - 1 + 'px';
    box.top = row * height - (seen - height) / 2 - 1 + 'px';
    box.width = data.column + 2 + 'px';
    box.height = seen + 2 + 'px';
    const output = at('told');
    output.textContent = '';
    if (!met) {
      output.textContent = 'Point at the map, or reach it with Tab and move with the arrow keys.';
      return;
    }
    const word = document.createElement('bdi'), bold = document.createElement('b');
    word.textContent = words[token];
    bold.append(word);
    const numbers = Object.entries(track.values).map(([name, part]) =>
      name + ' ' + value(part, token, unit).toFixed(3).replace('-', '\\u2212'));
    const stay = life(unit) === null ? '' : '; half-life ' + told(life(unit)) + ' tokens';
    output.append('token ' + (token + 1) + ' ', bold, ', unit ' + unit + ': ' + numbers.join(', ') + stay);
  };
  const clamp = (number, most) => Math.max(0, Math.min(most - 1, number));
  const point = event => {
    const box = canvas.getBoundingClientRect();
    token = clamp(Math.floor((event.clientX - box.left) / data.column), data.tokens);
    row = clamp(Math.floor((event.clientY - box.top) / height), track.units);
    met = true;
    move();
  };
  map.addEventListener('pointermove', point);
  map.addEventListener('pointerdown', point);
  map.addEventListener('focus', () => { met = true; move(); });
  map.addEventListener('keydown', event => {
    const steps = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
      Home: [-data.tokens, 0], End: [data.tokens, 0], PageUp: [0, -10], PageDown: [0, 10]}[event.key];
    if (!steps || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    token = clamp(token + steps[0], data.tokens);
    row = clamp(row + steps[1], track.units);
    move();
    at('cursor').scrollIntoView({block: 'nearest', inline: 'nearest'});
  });
  for (const id of ['track', 'value', 'order']) at(id).addEventListener('change', draw);
  dark.addEventListener('change', draw);
  draw();
})();
"""
