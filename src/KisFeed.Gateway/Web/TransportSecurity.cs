using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway;

/// <summary>Tells browsers to come by TLS from now on (HSTS).</summary>
internal static class TransportSecurity
{
    private const string ForAYear = "max-age=31536000";

    // Browsers would use TLS for every other port of the name, too: programs under development on this machine have it in common. They ignore the header for IP addresses.
    public static RequestDelegate Before(RequestDelegate next) => context =>
    {
        if (!context.Request.Host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            context.Response.Headers.StrictTransportSecurity = ForAYear;
        return next(context);
    };
}
