using System.CommandLine;
using KisFeed.Dashboard.Day;

var hours = new Option<double>("--market-hours") { Description = "How much of the market's day the page is left open for, up to 6.", HelpName = "N", DefaultValueFactory = _ => 1 };
var speed = new Option<double>("--speed") { Description = "How many times as fast as the clock the market goes.", HelpName = "N", DefaultValueFactory = _ => 50 };
var rate = new Option<double>("--rate") { Description = "Events a second of market time, over the 15 keys that are shown.", HelpName = "N", DefaultValueFactory = _ => 20 };
var settling = new Option<double>("--settling") { Description = "Minutes of market before the page counts as settled.", HelpName = "N", DefaultValueFactory = _ => 5 };
var json = new Option<bool>("--json") { Description = "Print the figures as JSON." };
foreach (var option in new[] { hours, speed, rate, settling })
{
    option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<double>() is not > 0)
            result.AddError($"{result.Option.Name} is more than 0.");
    });
}

hours.Validators.Add(result =>
{
    if (result.GetValueOrDefault<double>() > 6)
        result.AddError("--market-hours is up to 6: the market closes half an hour later, some of which goes by before the page is open.");
});
var command = new RootCommand("Leaves the dashboard open in Chromium while a simulated market's day goes by fast, and measures its memory and its frames.") { hours, speed, rate, settling, json };
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
