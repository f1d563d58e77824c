using System.CommandLine;
using KisFeed.Dashboard.Day;

var hours = new Option<double>("--market-hours")
{
    Description = "Hours of market time during which the page is open, up to 6.",
    HelpName = "N",
    DefaultValueFactory = _ => 1,
};
var speed = new Option<double>("--speed")
{
    Description = "Speed of the market, relative to the system's clock.",
    HelpName = "N",
    DefaultValueFactory = _ => 50,
};
var rate = new Option<double>("--rate")
{
    Description = "Events per second of market time, of all 15 shown keys.",
    HelpName = "N",
    DefaultValueFactory = _ => 20,
};
var settling = new Option<double>("--settling")
{
    Description = "Minutes of market time before the first measurement.",
    HelpName = "N",
    DefaultValueFactory = _ => 5,
};
var json = new Option<bool>("--json") { Description = "Print the figures as JSON." };
foreach (var option in new[] { hours, speed, rate, settling })
{
    option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<double>() is not > 0)
            result.AddError($"{result.Option.Name} must be greater than 0.");
    });
}

hours.Validators.Add(result =>
{
    if (result.GetValueOrDefault<double>() > 6)
    {
        result.AddError(
            "--market-hours must not exceed 6: the market closes half an hour later, and part of that passes before the page is open.");
    }
});
var command = new RootCommand("Opens the dashboard in Chromium during a simulated day at high speed, and measures its "
    + "memory and animation frames.") { hours, speed, rate, settling, json };
command.SetAction(async (arguments, cancellationToken) =>
{
    var report = await DayRun.RunAsync(
        new DayOptions
        {
            Market = TimeSpan.FromHours(arguments.GetValue(hours)),
            Settling = TimeSpan.FromMinutes(arguments.GetValue(settling)),
            Speed = arguments.GetValue(speed),
            Rate = arguments.GetValue(rate),
        },
        cancellationToken);
    Console.WriteLine(arguments.GetValue(json) ? report.ToJson() : report.ToString());
    return 0;
});
return await command.Parse(args).InvokeAsync();
