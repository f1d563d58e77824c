// Prints the records of a gateway's stream: node prices.mjs FEED:KEY[,FEED:KEY…] [http://127.0.0.1:21000]
//
// Needs Node.js 20 and no package. After a loss it continues after the last item, so it misses nothing that the gateway still has. With
// KISFEED_APPKEY and KISFEED_APPSECRET it signs in with a token of 'kisfeed gateway token add'.
const [keys, gateway = 'http://127.0.0.1:21000'] = process.argv.slice(2);
if (!keys) {
  console.error('node prices.mjs FEED:KEY[,FEED:KEY…] [http://…], e.g. index:0001,program:005930');
  process.exit(1);
}

const { KISFEED_APPKEY: appKey, KISFEED_APPSECRET: appSecret } = process.env;
const headers = appKey ? { authorization: `Basic ${Buffer.from(`${appKey}:${appSecret}`).toString('base64')}` } : {};
const url = new URL('/v1/stream', gateway);
url.searchParams.set('subscribe', keys);

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort());
process.stdout.on('error', () => stop.abort()); // The reader of the output has ended, such as head.

let lastId;
for (let wait = 500; !stop.signal.aborted; wait = Math.min(wait * 2, 30_000)) {
  try {
    const response = await fetch(url, {
      headers: { ...headers, ...(lastId && { 'last-event-id': lastId }) },
      signal: stop.signal,
    });
    if (!response.ok) {
      const problem = await response.json();
      console.error(`${response.status} ${problem.code}: ${problem.detail}`);
      if (response.status < 500 && response.status !== 429) process.exit(1); // Trying again cannot help.
    } else {
      for await (const { id, event, data } of serverSentEvents(response.body)) {
        wait = 500;
        print(event, data);
        lastId = id ?? lastId;
      }
    }
  } catch (error) {
    if (stop.signal.aborted) break;
    console.error(`${error.message}: trying again in ${wait / 1000} s`);
  }
  await new Promise((resolve) => setTimeout(resolve, wait));
}

// As sent: JSON.parse would turn 3.010 into 3.01.
function print(event, data) {
  if (event === 'record') console.log(data);
  else if (event !== 'subscribed') console.error(`${event} ${data}`); // gap, interruption, malformed, refused, …
}

// The events of a body in the format of EventSource.
async function* serverSentEvents(body) {
  let text = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
      const fields = {};
      for (const line of text.slice(0, end).split('\n')) {
        const colon = line.indexOf(':');
        if (colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 1).trimStart(); // A line that begins with a colon is a comment.
      }
      if (fields.data) yield fields;
    }
  }
}
