using KisFeed.Soak;

return await SoakCommand.RunAsync(args);
