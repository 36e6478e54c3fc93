// An emulated Retool with three users that records its requests.
import { createServer } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';

export const TOKEN = 'retool_01canary23456789012345678901';

// A later page takes about as long as a real one: a client that gets the progress
// of the first page together with the result may ignore the progress.
const LATER_MS = 50;

const users = ['user_1', 'user_2', 'user_3'].map(id => ({ id, email: `${id}@example.com` }));

// retool creates one; listen starts it on a loopback address.
export function retool() {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    self.requests.push({ line: `${request.method} ${request.url}`, authorization: request.headers.authorization, body });
    if (request.url.includes('next_token=')) await after(LATER_MS);
    const [status, data] = answer(request.method, new URL(request.url, 'http://retool'), body);
    if (data) response.setHeader('Content-Type', 'application/json; charset=utf-8');
    response.writeHead(status).end(data && JSON.stringify(data));
  });
  const self = {
    requests: [],
    address: '',
    listen: () => new Promise(done => server.listen(0, '127.0.0.1', () => {
      self.address = `http://127.0.0.1:${server.address().port}`;
      done();
    })),
    close: () => { server.closeAllConnections(); server.close(); },
  };
  return self;
}

function answer(method, url, body) {
  const [, id] = url.pathname.match(/^\/api\/v2\/users\/(\w+)$/) ?? [];
  switch (true) {
    case method === 'GET' && url.pathname === '/api/v2/users': {
      const more = url.searchParams.get('next_token') === null;
      const data = more ? users.slice(0, 2) : users.slice(2);
      return [200, { success: true, data, total_count: 3, next_token: more ? 'page 2' : null, has_more: more }];
    }
    case method === 'POST' && url.pathname === '/api/v2/users':
      return [200, { success: true, data: { id: 'user_4', ...JSON.parse(body) } }];
    case id && !users.some(u => u.id === id):
      return [404, { success: false, message: 'no such user' }];
    case id && method === 'GET':
      return [200, { success: true, data: users.find(u => u.id === id) }];
    case id && method === 'DELETE':
      return [204];
    default:
      return [403, { success: false, message: 'not with this token' }];
  }
}
