<?php

// The folder of the application may be read-only: what Laravel writes goes to another.
$storage = sys_get_temp_dir().'/greetings';
@mkdir("{$storage}/framework/views", 0700, true);
$_ENV += [
    'APP_PACKAGES_CACHE' => "{$storage}/packages.php",
    'APP_SERVICES_CACHE' => "{$storage}/services.php",
];

$app = new Illuminate\Foundation\Application(dirname(__DIR__));
$app->useStoragePath($storage);
$app->singleton(Illuminate\Contracts\Http\Kernel::class, App\Http\Kernel::class);
$app->singleton(Illuminate\Contracts\Debug\ExceptionHandler::class, Illuminate\Foundation\Exceptions\Handler::class);

return $app;
