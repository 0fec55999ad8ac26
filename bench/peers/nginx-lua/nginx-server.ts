// An nginx with Lua of one's own: one process, everything it writes in its own folder.

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findProgram, MissingPeer } from '../../missing-peer.js'
import { type PeerServer, startServer } from '../../peer-server.js'
import { benchFileUrl, type WorkName } from '../../works.js'

/** Where the script's cache is: `ngx.shared` or lua-resty-lrucache. */
export type NginxCache = 'shared' | 'worker'

const PACKAGES = 'nginx-light libnginx-mod-http-lua lua-cjson lua-resty-lrucache'
const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']

export function startNginx(work: WorkName, cache: NginxCache): Promise<PeerServer> {
  const program = findProgram('nginx', PACKAGES)
  const modules = findModules(program)
  return startServer({
    program,
    configure: (port, folder) => ({
      args: ['-p', folder, '-c', 'nginx.conf', '-e', 'error.log'],
      files: { 'nginx.conf': configuration(port, modules, work, cache) },
    }),
  })
}

/** The Lua module and the kit it stands on, where this nginx keeps its modules. */
function findModules(program: string): string[] {
  const built = execFileSync('sh', ['-c', '"$0" -V 2>&1', program], { encoding: 'utf8' })
  const [, folder = '/usr/lib/nginx/modules'] = built.match(/--modules-path=(\S+)/) ?? []
  return ['ndk_http_module.so', 'ngx_http_lua_module.so'].map((name) => {
    const path = join(folder, name)
    if (!existsSync(path)) throw new MissingPeer(`nginx has no ${name} (Debian: apt-get install ${PACKAGES})`)
    return path
  })
}

function configuration(port: number, modules: readonly string[], work: WorkName, cache: NginxCache): string {
  const lua = fileURLToPath(benchFileUrl('peers/nginx-lua/'))
  return `
daemon off;
master_process off;
pid nginx.pid;
error_log error.log;
${modules.map((path) => `load_module ${path};`).join('\n')}
events { worker_connections 1024; }
http {
  access_log off;
  ${TEMPORARY.map((name) => `${name}_temp_path ${name};`).join(' ')}
  client_body_buffer_size 1m;
  client_max_body_size 1m;
  lua_shared_dict entries 64m;
  lua_package_path '${lua}?.lua;;';
  init_by_lua_block {
    bench = require 'bench'
    bench.load('${fileURLToPath(benchFileUrl(`works/${work}.lua`))}', '${cache}')
  }
  server {
    listen 127.0.0.1:${port};
    keepalive_requests 1000000000;
    location /call { content_by_lua_block { bench.call() } }
    location ~ ^/limit/(.+)$ { content_by_lua_block { bench.limit(ngx.var[1]) } }
  }
}
`
}
