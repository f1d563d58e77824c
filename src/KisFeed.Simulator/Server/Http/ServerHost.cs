using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.Simulator.Server;

/// <summary>Puts the endpoints on Kestrel. Reads no configuration, no environment and no signals.</summary>
internal static class ServerHost
{
    private const int MaxRequestBody = 16 * 1024;

    /// <summary>A server that is ready to be started.</summary>
    public static WebApplication Create(SimulatorOptions options, IPAddress address, OAuthEndpoints oauth, WebSocketEndpoint webSocket, AdminEndpoints admin)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxRequestBody;
            // How slow a client may read is the market's business, see MarketFeed.
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(address, options.Port, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddSingleton(options.LoggerFactory ?? NullLoggerFactory.Instance);
        builder.Services.AddSingleton<IHostLifetime, EmbeddedLifetime>();
        builder.Services.AddRoutingCore();

        var application = builder.Build();
        application.MapPost("/oauth2/Approval", (RequestDelegate)oauth.ApproveAsync);
        application.MapPost("/oauth2/tokenP", (RequestDelegate)oauth.IssueTokenAsync);
        application.MapGet("/tryitout/{trId?}", (RequestDelegate)webSocket.HandleAsync);
        if (options.Admin)
            admin.Map(application);
        return application;
    }

    /// <summary>Where a server that has been started can be reached from this machine, as an <c>http</c> address.</summary>
    public static Uri AddressOf(WebApplication application)
    {
        var bound = new Uri(application.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());
        var host = IPAddress.TryParse(bound.DnsSafeHost, out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
            ? IPAddress.Loopback.ToString()
            : bound.Host;
        return new UriBuilder(Uri.UriSchemeHttp, host, bound.Port).Uri;
    }
}
