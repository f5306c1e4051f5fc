const [, , port = '10143'] = process.argv;

/** What the servers that are compared with say: as long as a real answer. The port of the mail server may be given as an argument. */
export const headers = [
  ['Auth-Status', 'OK'],
  ['Auth-Server', '127.0.0.1'],
  ['Auth-Port', port],
  ['Auth-User', 'user-0000@example.org'],
];

/** Tells the parent where this server listens. */
export const listening = (server) =>
  server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => process.send({ port: server.address().port }));

process.on('disconnect', () => process.exit());
