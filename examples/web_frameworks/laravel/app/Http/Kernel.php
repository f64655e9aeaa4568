<?php

namespace App\Http;

use Illuminate\Cookie\Middleware\AddQueuedCookiesToResponse;
use Illuminate\Foundation\Http\Kernel as HttpKernel;
use Illuminate\Foundation\Http\Middleware\ValidatePostSize;
use Illuminate\Routing\Middleware\SubstituteBindings;

class Kernel extends HttpKernel
{
    protected $middleware = [ValidatePostSize::class];

    protected $middlewareGroups = [
        'web' => [AddQueuedCookiesToResponse::class, SubstituteBindings::class],
    ];
}
