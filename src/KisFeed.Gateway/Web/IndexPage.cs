using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway;

/// <summary><c>/</c>: what there is, for people who found the port.</summary>
internal static class IndexPage
{
    private const string Text =
        $"""
        KisFeed gateway {KisFeedDiagnostics.Version}

        Plain HTTP
          GET /v1/stream?subscribe=FEED:KEY,...  records as they come: server-sent events, or a WebSocket
          GET /v1/last/FEED/KEY                  the last record of a key that somebody has registered
          GET /v1/feeds                          the feeds; /v1/feeds/FEED has the columns of one
          GET /v1/status                         what the gateway is doing
          GET /v1/dashboard                      what the dashboard begins with; /v1/instruments has names
          GET /v1/openapi.json                   all of this for programs (OpenAPI 3.1)
          GET /healthz, /readyz                  whether it answers; whether data can come

        The broker's own protocol
          POST /oauth2/Approval                  an approval key
          POST /oauth2/tokenP                    an access token
          GET /tryitout, /tryitout/TR_ID         the WebSocket

        Try: curl -N 'http://HOST:PORT/v1/stream?subscribe=index:0001'

        """;

    public static Task AnswerAsync(HttpContext context, Account account) => WebAnswer.WriteTextAsync(context, Text);
}
