// A Bluesky network of its own on 127.0.0.1: directory of DIDs, PDS and app server; tests/support/bluesky_network.py starts it.
// Says where PDS and app server are in a line of JSON, and ends when its standard input does.
import net from 'node:net'

// The development servers listen on every address of the machine, with passwords that everybody knows.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (where, ...rest) {
  const options = typeof where === 'object' ? where : { port: where }
  return listen.call(this, { ...options, host: '127.0.0.1' }, ...rest.filter((each) => typeof each === 'function'))
}

const { TestNetwork } = await import('@atproto/dev-env')
// As on the public network, a view says when the server looked at a post last, and not when its writer says it was written.
const network = await TestNetwork.create({ dbPostgresSchema: 'network', bsky: { indexedAtEpoch: new Date(0) } })
process.stdout.write(JSON.stringify({ pds: network.pds.url, app: network.bsky.url }) + '\n')
process.stdin.on('end', () => process.exit(0)).resume()
