namespace KisFeed.Gateway.Web;

/// <summary><c>/</c>: a list of all endpoints, for clients other than browsers, and for browsers too if there is no dashboard.</summary>
internal static class IndexPage
{
    private const string Dashboard = "GET / and /stock/CODE in a browser, with /assets/   the dashboard, and its page of a stock";
    private const string NoDashboard =
        "The dashboard (GET / and /stock/CODE, with /assets/) is left out of this build: it needs Node.js 20.19; run npm ci in web/ "
        + "and build again.";

    public static string Text(bool hasDashboard) =>
        $"""
        KisFeed gateway {KisFeedDiagnostics.Version}

        {(hasDashboard ? Dashboard : NoDashboard)}

        Plain HTTP
          GET /v1/stream?subscribe=FEED:KEY,...  records as they arrive: server-sent events, or a WebSocket
          GET /v1/records?subscribe=FEED:KEY     recorded items, in pages; /v1/stream?from=09:00 continues with live ones
          GET /v1/last/FEED/KEY                  the last record of a registered key
          GET /v1/history/FEED/KEY               the minutes of its day, and where data are missing
          GET /v1/days                           the recorded days; /v1/days/DATE?subscribe=FEED:KEY has one of them
          GET /v1/feeds                          all feeds; /v1/feeds/FEED lists the columns of one
          GET /v1/status                         the status of the gateway
          GET /metrics                           metrics for Prometheus
          GET /v1/dashboard                      the dashboard's settings; /v1/instruments lists instruments
          POST /v1/signin                        signs a browser in with a link of 'kisfeed gateway token link'
          GET /v1/openapi.json                   this list for programs (OpenAPI 3.1)
          GET /healthz, /readyz                  whether it is running; whether data can arrive

        The broker's own protocol
          POST /oauth2/Approval                  an approval key
          POST /oauth2/tokenP, /oauth2/revokeP   issue and revoke an access token
          GET /, /tryitout, /tryitout/ANYTHING   the WebSocket
          GET /revision/2024/tryitout            the same, for clients that were written for narrower records

        Try: curl -N 'http://HOST:PORT/v1/stream?subscribe=index:0001'

        """;
}
